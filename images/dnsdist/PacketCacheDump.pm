package PacketCacheDump;
# Reads a dump of dnsdist's packet cache (PacketCache:dump(file, true)), and gives each answer in it with the question.
#
# A dump does not say all of what was asked, such as the size in EDNS. But it has the key under which dnsdist keeps the
# answer, a hash of the question without its identifier: the usual ways of asking are tried until one has that key.
# https://www.dnsdist.org/guides/cache.html
use strict;
use warnings;
use integer;

# EDNS by size, and by octets of a cookie (none, the client's, the server's as well), whose value dnsdist leaves out of
# its keys. Larger sizes than 1232 it takes for that: see payload_ranks in dnsdist.yml.
my @WAYS = (undef, map { my $size = $_; map { [$size, $_] } 0, 8, 24 } 1232, 512, 1220, 1200);

sub open {
    my ($class, $path) = @_;
    CORE::open(my $file, '<', $path) or die "$path: $!\n";
    return bless { file => $file, count => 0, strange => 0, ways => [@WAYS] }, $class;
}

# (transport, question, answer) of the next entry that is still good; () at the end. The question has no identifier.
sub next {
    my ($self) = @_;
    my $file = $self->{file};
    while (defined(my $line = <$file>)) {
        # NAME LEFT CLASS TYPE ; ecs empty, rcode 0, key 2029673744, ..., base64response ...
        my ($left, $rest) = $line =~ /^\S+ (-?\d+) \S+ \S+ ; (.*)/ or next;
        my %entry = $rest =~ /([\w ]+) (\S+?)(?:, |$)/g;
        next if $left <= 0 or $entry{rcode} != 0 and $entry{rcode} != 3;
        $self->{count}++;
        my $answer = decode($entry{base64response});
        my $transport = $entry{'received over UDP'} ? 'udp' : 'tcp';
        my $question = $self->question($answer, \%entry);
        return ($transport, $question, aged($answer, time - $entry{added}, $left)) if defined $question;
        $self->{strange}++;
    }
    return;
}

# The question that has this key.
sub question {
    my ($self, $answer, $entry) = @_;
    my ($flags, $dnssec) = @$entry{'raw query flags', 'dnssecOK'};
    my $transport = chr $entry->{'received over UDP'};
    my $name = substr $answer, 12, after_name($answer, 12) - 12;
    my $type = substr $answer, 12 + length $name, 4;
    my $ways = $self->{ways};
    for my $index (0 .. $#$ways) {
        my $way = $ways->[$index];
        my $header = pack 'v n4', $flags, 1, 0, 0, defined $way ? 1 : 0;
        my ($opt, $cookie) = ('', '');
        if (defined $way) {
            my ($size, $octets) = @$way;
            $cookie = pack 'n2 x' . $octets, 10, $octets if $octets;
            $opt = pack 'C n n N n', 0, 41, $size, $dnssec ? 0x8000 : 0, length $cookie;
        } elsif ($dnssec) {
            next;
        }
        my $hash = hash($type . $opt, hash(lc $name, hash($header, 0)));
        $hash = hash(substr($cookie, 0, 4), $hash) if $cookie;
        next if hash($transport, $hash) != $entry->{key};
        # The next one was probably asked in the same way.
        unshift @$ways, splice @$ways, $index, 1;
        return $header . $name . $type . $opt . $cookie;
    }
    return undef;
}

# Bob Jenkins' hash "lookup2", as dnsdist chains it: http://burtleburtle.net/bob/hash/evahash.html
sub hash {
    my ($text, $initial) = @_;
    my ($a, $b, $c) = (0x9e3779b9, 0x9e3779b9, $initial);
    my $length = length $text;
    for (my $at = 0; ; $at += 12) {
        my $last = $length - $at < 12;
        my ($x, $y, $z) = unpack 'V3', substr($text, $at, 12) . ($last ? "\0" x 12 : '');
        $a += $x;
        $b += $y;
        $c += $last ? ($z << 8) + $length : $z;    # the lowest octet of the last word is for the length
        $a = (($a - $b - $c) ^ (($c & 0xffffffff) >> 13)) & 0xffffffff;
        $b = (($b - $c - $a) ^ ($a << 8)) & 0xffffffff;
        $c = (($c - $a - $b) ^ ($b >> 13)) & 0xffffffff;
        $a = (($a - $b - $c) ^ ($c >> 12)) & 0xffffffff;
        $b = (($b - $c - $a) ^ ($a << 16)) & 0xffffffff;
        $c = (($c - $a - $b) ^ ($b >> 5)) & 0xffffffff;
        $a = (($a - $b - $c) ^ ($c >> 3)) & 0xffffffff;
        $b = (($b - $c - $a) ^ ($a << 10)) & 0xffffffff;
        $c = (($c - $a - $b) ^ ($b >> 15)) & 0xffffffff;
        return $c if $last;
    }
}

# An answer with its times to live as they are now. One that dnsdist keeps for less (as denials, by its settings) gets
# what is left of that.
sub aged {
    my ($answer, $age, $left) = @_;
    my (undef, undef, $questions, @records) = unpack 'n6', $answer;
    my $at = 12;
    $at = after_name($answer, $at) + 4 for 1 .. $questions;
    my ($least, @ttls) = (0xffffffff);
    for (1 .. $records[0] + $records[1] + $records[2]) {
        $at = after_name($answer, $at);
        my ($type, undef, $ttl, $length) = unpack "\@$at n n N n", $answer;
        if ($type != 41) {    # OPT has none
            $ttl = $ttl > $age ? $ttl - $age : 0;
            $least = $ttl if $ttl < $least;
            push @ttls, [$at + 4, $ttl];
        }
        $at += 10 + $length;
    }
    substr($answer, $_->[0], 4) = pack 'N', $least > $left ? $left : $_->[1] for @ttls;
    return $answer;
}

sub after_name {
    my (undef, $at) = @_;    # not copied: it is called for every record
    while (my $length = ord substr $_[0], $at, 1) {
        return $at + 2 if $length >= 0xc0;
        $at += 1 + $length;
    }
    return $at + 1;
}

# Perl's own small base has no MIME::Base64, but uuencoding differs from it by the alphabet alone.
sub decode {
    my ($text) = @_;
    my $octets = length($text) / 4 * 3 - ($text =~ tr/=/A/);
    $text =~ tr{A-Za-z0-9+/}{ -_};
    return substr join('', map { unpack 'u', 'M' . $_ } $text =~ /(.{1,60})/g), 0, $octets;
}

1;
