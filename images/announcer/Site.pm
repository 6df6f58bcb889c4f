# Whether a service address may be announced: what is asked there, and what follows from the answers.
package Site;
use strict;
use warnings;
use Question;
use Register qw(uptime lines $DIRECTORY);

# The last site that announces has so many times the patience: to withdraw it helps nobody whom it could answer late.
my $LAST = 6;
# Seconds until it is back, when no other announces.
my $BACK = 1;
# Seconds within which sites that lose their resolvers together withdraw one after the other, so that one sees it is the last.
my $SPREAD = 0.4;

# ADDRESS CHECK [BEFORE]: CHECK is what the file `check` says; BEFORE is another one of the same address, whose memory
# this one takes over.
sub new {
    my ($class, $address, $check, $before) = @_;
    my $at = sub { Question->new($address, $check->{port}, @_) };
    my $self = bless { address => $address, check => $check, spread => rand $SPREAD }, $class;
    $self->{dnsdist} = $at->('frontend.recursive-dns.internal', 'TXT');
    $self->{resolver} = $at->('resolver.recursive-dns.internal', 'TXT', 'ok');
    $self->{name} = $at->($check->{name}, 'A') if $check->{name};
    if ($before) {
        @$self{qw(answering live announced)} = @$before{qw(answering live announced)};
        # What answered a moment ago has its usual patience to answer these questions, though they are new.
        $self->{$_}->inherit(($before->{$_} // $before->{resolver})->good) for grep { $self->{$_} } qw(dnsdist resolver name);
    }
    return $self;
}

sub questions { return grep { defined } @{ $_[0] }{qw(dnsdist resolver name)} }

# Since when it answers, and since when by live resolvers; undefined while it does not. OTHERS: how many other sites announce;
# undefined when none is known.
sub judge {
    my ($self, $others) = @_;
    my $now = uptime();
    my $patience = $self->{check}{fail} * ($others ? 1 : $LAST);
    my $right = sub { $now - $_[0]->good <= $patience };
    $self->{answering} = $right->($self->{dnsdist}) ? $self->{answering} // $now : undef;
    my $live = $self->{answering} && !grep { !$right->($_) } $self->questions;
    $self->{live} = $live ? $self->{live} // $now : undef;
    $self->{stale} = $live ? undef : $self->{stale} // $now;
}

# Nothing that was seen before counts any more.
sub forget { @{ $_[0] }{qw(answering live)} = () }

# Why it may not be announced; nothing when it may.
sub objection {
    my ($self, $others) = @_;
    my ($check, $now) = ($self->{check}, uptime());
    my $rise = defined $others && !$others && $BACK < $check->{rise} ? $BACK : $check->{rise};
    my $risen = sub { $self->{announced} || $now - $_[0] >= $rise };
    return 'dnsdist does not answer' unless $self->{answering};
    if ($self->{live}) {
        return if $risen->($self->{live});
        return sprintf 'it answers since %.0f of %g s', $now - $self->{live}, $rise;
    }
    my $stale = $now - $self->{stale};
    return 'no resolver is live' if $check->{stale} eq 'withdraw';
    return 'no resolver is live, and another site announces'
        if $check->{stale} eq 'withdraw-if-another' && $others && !($self->{announced} && $stale < $self->{spread});
    return "no resolver is live for more than $check->{outage} s" if $stale > $check->{outage};
    return 'it has just begun to answer' unless $risen->($self->{answering});
    return;
}

# What this one knows, for one that comes after it.
sub memory {
    my ($self) = @_;
    return join ' ', $self->{address}, $self->{answering} // 'no', $self->{live} // 'no', uptime();
}

# Takes over what another process has known a moment ago.
sub remember {
    my ($self) = @_;
    for my $line (lines("$DIRECTORY/well")) {
        my ($address, $answering, $live, $at) = split ' ', $line;
        next if $address ne $self->{address} || abs(uptime() - $at) > 3;
        next if $answering eq 'no';
        $self->{answering} = $answering;
        $self->{dnsdist}->inherit($at);
        next if $live eq 'no';
        $self->{live} = $live;
        $_->inherit($at) for $self->questions;
    }
}

1;
