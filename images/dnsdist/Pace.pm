package Pace;
# How fast a work may go that can wait. It is done beside those who answer, who would wait for the processor: as soon as
# this process has to wait for one itself, it goes half as fast, and then faster again step by step.
use strict;
use warnings;
use Time::HiRes qw(time);

my $SLOT = 0.1;       # seconds that are looked at together
my $CROWDED = 1 / 3;  # of the time that this process could run, what it may wait
my $STEP = 1 / 16;    # of the highest rate, by which it grows in each slot

# Steps a second, at least and at most.
sub new {
    my ($class, $least, $most) = @_;
    my $self = bless { least => $least, most => $most, rate => $most, begun => time, done => 0 }, $class;
    ($self->{ran}, $self->{waited}) = processor();
    return $self;
}

# Whether another step may be done now.
sub allows {
    my ($self) = @_;
    my $now = time;
    if ($now - $self->{begun} >= $SLOT) {
        $self->adapt;
        ($self->{begun}, $self->{done}) = ($now, 0);
    }
    return $self->{done} < $self->{rate} * $SLOT;
}

sub count { $_[0]{done}++ }

sub adapt {
    my ($self) = @_;
    my ($ran, $waited) = processor();
    my ($running, $waiting) = ($ran - $self->{ran}, $waited - $self->{waited});
    ($self->{ran}, $self->{waited}) = ($ran, $waited);
    my $crowded = $waiting > $CROWDED * ($running + $waiting);
    my $rate = $crowded ? $self->{rate} / 2 : $self->{rate} + $STEP * $self->{most};
    my ($least, $most) = @$self{qw(least most)};
    $self->{rate} = $rate < $least ? $least : $rate > $most ? $most : $rate;
}

# For how long this process has run, and waited for a processor, in nanoseconds: 0 where the kernel does not say.
# https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
sub processor {
    open(my $file, '<', '/proc/self/schedstat') or return (0, 0);
    return (split ' ', <$file> // '0 0')[0, 1];
}

1;
