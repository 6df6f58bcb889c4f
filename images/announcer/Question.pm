# A question that is asked of one address again and again, and when it was last answered as it should.
package Question;
use strict;
use warnings;
use Register qw(uptime);
use Socket qw(AF_INET AF_INET6 SOCK_DGRAM inet_pton pack_sockaddr_in pack_sockaddr_in6);

my %TYPES = (A => 1, TXT => 16);
my $RECENT = 5; # what is answered later than this many questions is no answer

# ADDRESS PORT NAME TYPE [TEXT]: with TEXT, that is how the answer has to end.
sub new {
    my ($class, $address, $port, $name, $type, $text) = @_;
    my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    socket(my $socket, $family, SOCK_DGRAM, 0) or die "socket: $!\n";
    my $binary = inet_pton($family, $address);
    my $peer = $family == AF_INET6 ? pack_sockaddr_in6($port, $binary) : pack_sockaddr_in($port, $binary);
    my $labels = join '', map { pack 'C/a*', $_ } split /\./, $name;
    return bless {
        address => $address, socket => $socket, peer => $peer, text => $text, number => int rand 65536, good => -1e9,
        body => pack('n5 a* x n2', 0x0100, 1, 0, 0, 0, $labels, $TYPES{$type}, 1),
    }, $class;
}

sub socket_of { return $_[0]{socket} }

# When it last had the right answer, in seconds of uptime.
sub good { return $_[0]{good} }

# Counts as answered when another one was.
sub inherit { $_[0]{good} = $_[1] }

sub ask {
    my ($self) = @_;
    # Anew each time: an address may come and go, and so may the way to it.
    connect $self->{socket}, $self->{peer} or return;
    $self->{number} = ($self->{number} + 1) % 65536;
    send $self->{socket}, pack('n', $self->{number}) . $self->{body}, 0;
}

sub hear {
    my ($self) = @_;
    defined recv($self->{socket}, my $answer, 4096, 0) or return;
    return if length $answer < 12;
    my ($number, $flags, undef, $answers) = unpack 'n4', $answer;
    return if ($self->{number} - $number) % 65536 >= $RECENT;
    return unless ($flags & 0x800f) == 0x8000 && $answers > 0;
    return if defined $self->{text} && $answer !~ /\Q$self->{text}\E\z/;
    $self->{good} = uptime();
}

1;
