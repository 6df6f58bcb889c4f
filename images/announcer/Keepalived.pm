# keepalived, which by VRRP (RFC 9568) holds the virtual addresses of two or more hosts at one of them. This host is a
# candidate for as long as each address that is asked answers. See https://www.keepalived.org/manpage.html
#
# keepalived drops the addresses at once when it is told to, and another host has them a moment later. When that is planned,
# nobody is to notice: this host keeps them on its loopback interface for a while, and answers who has not heard of the other.
package Keepalived;
use strict;
use warnings;
use Register qw(uptime);
use Speaker;
our @ISA = 'Speaker';

my $DIRECTORY = '/run/speaker';
my $OFFER = "$DIRECTORY/offer"; # 0: this host is a candidate. keepalived watches it: it is config/keepalived-conf.ts that says so

sub start {
    my ($class, $directory, @sites) = @_;
    my @addresses = prepare($directory);
    offer(0);
    # It wants to write them all, or says that it is running already.
    my %files = map { $_ => "$DIRECTORY/$_" } qw(pid vrrp_pid checkers_pid bfd_pid);
    unlink values %files;
    my $self = $class->spawn(
        'keepalived', '--dont-fork', '--log-console', '--vrrp', '--use-file', "$DIRECTORY/keepalived.conf",
        map { ("--$_", $files{$_}) } sort keys %files,
    );
    $self->{waiting} = { map { $_->{address} => 1 } @sites };
    $self->{addresses} = \@addresses;
    $self->leave_loopback; # where one that was killed may have left them
    return $self;
}

# It was told to be valid before; what it is then, is its log's to say.
sub reconfigure {
    my ($self, $directory, @sites) = @_;
    $self->leave_loopback;
    $self->{addresses} = [prepare($directory)];
    $self->{waiting} = { map { $_->{address} => 1 } grep { !$_->{announced} } @sites };
    offer(!%{ $self->{waiting} });
    kill 'HUP', $self->{pid};
}

sub ready { return -e "$DIRECTORY/vrrp_pid" }

# An address that answers, or does not. SECONDS: for how long it will go on answering all the same.
sub set {
    my ($self, $site, $answers, $seconds) = @_;
    $self->linger($seconds) if $seconds && !%{ $self->{waiting} };
    if ($answers) { delete $self->{waiting}{ $site->{address} } }
    else { $self->{waiting}{ $site->{address} } = 1 }
    offer(!%{ $self->{waiting} });
}

sub linger {
    my ($self, $seconds) = @_;
    return if !grep { on('', $_) } @{ $self->{addresses} }; # another host has them
    ip('add', $_) for @{ $self->{addresses} };
    $self->{until} = uptime() + $seconds;
}

sub leave_loopback {
    my ($self) = @_;
    ip('del', $_) for grep { on('dev lo', $_) } @{ $self->{addresses} };
    delete $self->{until};
}

sub tick {
    my ($self) = @_;
    $self->leave_loopback if $self->{until} && uptime() > $self->{until};
}

sub stop {
    my ($self) = @_;
    $self->SUPER::stop;
    $self->leave_loopback;
}

sub on { return `ip -o addr show $_[0] to $_[1]` ne '' }
sub ip { system 'ip', 'addr', $_[0], $_[1], 'dev', 'lo', $_[0] eq 'add' && $_[1] =~ /:/ ? 'nodad' : () }

# Hosts of a virtual router have no sessions.
sub neighbors { return () }

# Writes a configuration where keepalived reads it, and returns the addresses that are in it.
sub prepare {
    my ($directory) = @_;
    my @lines = Register::lines("$directory/keepalived.conf");
    Register::write_whole("$DIRECTORY/keepalived.conf", join("\n", @lines, ''), 0600);
    return map { m{^\s+([0-9a-f.:]+/(?:32|128))$}i } @lines;
}

# keepalived looks at what is written into the file, not at another file of its name.
sub offer {
    my ($candidate) = @_;
    open(my $file, '>', $OFFER) or die "$OFFER: $!\n";
    print $file $candidate ? "0\n" : "1\n";
}

1;
