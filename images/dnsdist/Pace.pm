package Pace;
# How fast a work may go that can wait. It is done beside those who answer, who would wait for the processor: as soon as
# this process has to wait for one itself, it goes half as fast, and then faster again step by step.
use strict;
use warnings;
use Time::HiRes qw(time);

my $SLOT = 0.1;       # seconds that are looked at together
my $CROWDED = 0.3;    # the part of the time that this process may wait for a processor
my $STEP = 1 / 16;    # of the highest rate, by which it grows in each slot

# Steps a second, at least and at most.
sub new {
    my ($class, $least, $most) = @_;
    my %self = (least => $least, most => $most, rate => $most, begun => time, done => 0, waited => waited());
    return bless \%self, $class;
}

# Whether another step may be done now.
sub allows {
    my ($self) = @_;
    my $now = time;
    if ($now - $self->{begun} >= $SLOT) {
        $self->adapt($now - $self->{begun});
        ($self->{begun}, $self->{done}) = ($now, 0);
    }
    return $self->{done} < $self->{rate} * $SLOT;
}

sub count { $_[0]{done}++ }

# SECONDS: since it was last looked at.
sub adapt {
    my ($self, $seconds) = @_;
    my $waited = waited();
    my $crowded = $waited - $self->{waited} > $CROWDED * $seconds;
    $self->{waited} = $waited;
    my $rate = $crowded ? $self->{rate} / 2 : $self->{rate} + $STEP * $self->{most};
    my ($least, $most) = @$self{qw(least most)};
    $self->{rate} = $rate < $least ? $least : $rate > $most ? $most : $rate;
}

# For how many seconds this process has waited for a processor: 0 where the kernel does not say.
# https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
sub waited {
    open(my $file, '<', '/proc/self/schedstat') or return 0;
    return ((split ' ', <$file> // '')[1] // 0) / 1e9;
}

1;
