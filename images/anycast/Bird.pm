# BIRD as a process of ours, and its control socket. See https://bird.nic.cz/doc/bird-3.4.0.html, "Remote control".
package Bird;
use strict;
use warnings;
use IO::Socket::UNIX;
use POSIX ();

my $SOCKET = '/run/bird/bird.ctl';
my $PATIENCE = 0.5; # seconds that an answer may take

sub start {
    my ($class, $configuration) = @_;
    unlink $SOCKET;
    my $pid = fork() // die "fork: $!\n";
    if (!$pid) {
        exec 'bird', '-f', '-c', $configuration, '-s', $SOCKET or POSIX::_exit(127);
    }
    return bless { pid => $pid }, $class;
}

sub pid { return $_[0]{pid} }

# Whether it is listening to us.
sub ready { return -S $SOCKET }

# Whether the process is there.
sub alive {
    my ($self) = @_;
    return !$self->{ended} if waitpid($self->{pid}, POSIX::WNOHANG()) != $self->{pid};
    $self->{ended} = 1;
    return 0;
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

# What has become of each neighbor: protocol => "established", or why it is not.
sub neighbors {
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

sub stop {
    my ($self) = @_;
    kill 'TERM', $self->{pid};
    for (1 .. 50) {
        return if !$self->alive;
        select undef, undef, undef, 0.1;
    }
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    $self->{ended} = 1;
}

1;
