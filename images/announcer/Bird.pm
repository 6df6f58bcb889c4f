# BIRD, which announces each address as a route of its own, by BGP; and its control socket. See
# https://bird.nic.cz/doc/bird-3.4.0.html, "Remote control".
package Bird;
use strict;
use warnings;
use IO::Socket::UNIX;
use Register qw(lines uptime);
use Speaker;
our @ISA = 'Speaker';

my $SOCKET = '/run/speaker/bird.ctl';
my $CONFIGURATION = '/run/speaker/bird.conf';
my $PATIENCE = 0.5; # seconds that an answer may take
my $TURNED_ON = 3;  # seconds that BFD may take on a session that was there before it

# DIRECTORY: where the configuration is. SITES: what is announced, and goes on.
sub start {
    my ($class, $directory, @sites) = @_;
    unlink $SOCKET;
    prepare($directory, @sites);
    return $class->spawn('bird', '-f', '-c', $CONFIGURATION, '-s', $SOCKET);
}

# Takes over another configuration. Dies when that is refused.
sub reconfigure {
    my ($self, $directory, @sites) = @_;
    my %before = map { $_ => 1 } with_bfd();
    prepare($directory, @sites);
    $self->ask("configure \"$CONFIGURATION\"");
    $self->{turned_on} = { map { $_ => uptime() } grep { !$before{$_} } with_bfd() };
}

# The sessions with BFD that are configured.
sub with_bfd { return join("\n", lines($CONFIGURATION)) =~ /^protocol bgp (\w+) \{(?:\n  .*)*?\n  bfd on;/mg }

# Whether it is listening to us.
sub ready { return -S $SOCKET }

# Announces an address, or withdraws it. Dies when that is not done.
sub set {
    my ($self, $site, $announced) = @_;
    $self->ask(($announced ? 'enable ' : 'disable ') . protocol('address', $site->{address}));
}

# What has become of these neighbors: address => "established", or what is wrong. Dies when there is no telling.
sub neighbors {
    my ($self, @neighbors) = @_;
    my %sessions = $self->sessions;
    my %watched = (grep { $_->{bfd} } @neighbors) ? $self->watched : ();
    $self->renew_sessions(\%sessions, { map { protocol('neighbor', $_) => $watched{$_} } keys %watched });
    return map {
        my $state = $sessions{ protocol('neighbor', $_->{address}) } // 'down: not configured';
        my $bfd = $watched{ $_->{address} } // 'missing';
        $state .= ", but BFD is $bfd" if $_->{bfd} && $state eq 'established' && $bfd ne 'Up';
        $_->{address} => $state;
    } @neighbors;
}

# A router may hold on to the BFD that it had with this host before BFD was turned off, and never take up another for a
# session that is there (BIRD does so). Once it is turned on, such a session is made anew.
sub renew_sessions {
    my ($self, $sessions, $watched) = @_;
    my $turned_on = $self->{turned_on};
    for my $name (keys %$turned_on) {
        if (($watched->{$name} // '') eq 'Up') { delete $turned_on->{$name} }
        elsif (($sessions->{$name} // '') eq 'established' && uptime() - $turned_on->{$name} > $TURNED_ON) {
            delete $turned_on->{$name};
            $self->ask("restart $name");
        }
    }
}

# As config/bird-conf.ts has it.
sub protocol { return "$_[0]_" . ($_[1] =~ tr/.:/_/r) }

# Writes a configuration as BIRD is to read it now. In it all routes are disabled, and it disables those that were enabled
# by command when it reads it: what is announced has to be enabled there.
sub prepare {
    my ($directory, @sites) = @_;
    my $text = join "\n", lines("$directory/bird.conf"), '';
    for my $site (grep { $_->{announced} } @sites) {
        my $protocol = protocol('address', $site->{address});
        $text =~ s/^(protocol static $protocol \{\n) +disabled;\n/$1/m;
    }
    Register::write_whole($CONFIGURATION, $text, 0600);
}

# Has BIRD do something; returns the lines of its answer, without their numbers. Dies when it refuses, or does not answer:
# one that hangs goes on announcing.
sub ask {
    my ($self, $command) = @_;
    my $socket = IO::Socket::UNIX->new(Peer => $SOCKET) or die "BIRD: $!\n";
    print $socket "$command\n";
    my ($said, $left) = ('', $PATIENCE);
    my @lines;
    while (1) {
        vec(my $readable = '', fileno $socket, 1) = 1;
        (my $count, $left) = select $readable, undef, undef, $left;
        die "BIRD does not answer\n" unless $count > 0 && sysread $socket, $said, 65536, length $said;
        while ($said =~ s/^(.*?)\s*\n//) {
            my $line = $1;
            next if $line =~ /^0001 /; # its greeting
            push @lines, $line =~ s/^(?:\d{4}[- ]?| )//r;
            next unless $line =~ /^(\d)\d{3}(?: |$)/;
            die "$lines[-1]\n" if $1 >= 8;
            return @lines;
        }
    }
}

# What has become of each session: protocol => "established", or why it is not.
sub sessions {
    my ($self) = @_;
    my %found;
    for ($self->ask('show protocols')) {
        my ($name, $state, $info) = /^(neighbor_\w+)\s+BGP\s+\S+\s+(\S+)\s+\S+\s*(.*)$/ or next;
        $found{$name} = $info =~ /^Established/ ? 'established' : join ' ', 'down:', split ' ', $info || $state;
    }
    return %found;
}

# What has become of BFD with each address: address => "Up", "Down", "Init".
sub watched {
    my ($self) = @_;
    return map { /^(\S+)\s+\S+\s+(Up|Down|Init|AdminDown)\s/ ? ($1 => $2) : () } $self->ask('show bfd sessions');
}

1;
