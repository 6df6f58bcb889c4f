# keepalived, which by VRRP (RFC 9568) holds the virtual addresses of two or more hosts at one of them. This host is a
# candidate for as long as each address that is asked answers. See https://www.keepalived.org/manpage.html
package Keepalived;
use strict;
use warnings;
use Register;
use Speaker;
our @ISA = 'Speaker';

my $DIRECTORY = '/run/speaker';
my $OFFER = "$DIRECTORY/offer"; # 0: this host is a candidate. keepalived watches it: it is config/keepalived-conf.ts that says so

sub start {
    my ($class, $directory, @sites) = @_;
    prepare($directory);
    offer(0);
    # It wants to write them all, or says that it is running already.
    my %files = map { $_ => "$DIRECTORY/$_" } qw(pid vrrp_pid checkers_pid bfd_pid);
    unlink values %files;
    my $self = $class->spawn(
        'keepalived', '--dont-fork', '--log-console', '--vrrp', '--use-file', "$DIRECTORY/keepalived.conf",
        map { ("--$_", $files{$_}) } sort keys %files,
    );
    $self->{waiting} = { map { $_->{address} => 1 } @sites };
    return $self;
}

# It was told to be valid before; what it is then, is its log's to say.
sub reconfigure {
    my ($self, $directory, @sites) = @_;
    prepare($directory);
    my $waiting = $self->{waiting};
    $self->{waiting} = { map { $_->{address} => 1 } grep { !$_->{announced} } @sites };
    offer(!%{ $self->{waiting} });
    kill 'HUP', $self->{pid};
}

sub ready { return -e "$DIRECTORY/vrrp_pid" }

# An address that answers, or does not.
sub set {
    my ($self, $site, $answers) = @_;
    if ($answers) { delete $self->{waiting}{ $site->{address} } }
    else { $self->{waiting}{ $site->{address} } = 1 }
    offer(!%{ $self->{waiting} });
}

# Hosts of a virtual router have no sessions.
sub neighbors { return () }

sub prepare {
    my ($directory) = @_;
    Register::write_whole("$DIRECTORY/keepalived.conf", join("\n", Register::lines("$directory/keepalived.conf"), ''), 0600);
}

# keepalived looks at what is written into the file, not at another file of its name.
sub offer {
    my ($candidate) = @_;
    open(my $file, '>', $OFFER) or die "$OFFER: $!\n";
    print $file $candidate ? "0\n" : "1\n";
}

1;
