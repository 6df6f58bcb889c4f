# Ends BIRD when nobody looks after it any more: what is announced would stay so, whatever happens.
package Watchdog;
use strict;
use warnings;
use IO::Handle;

# A process that waits for a word of this one, for so many seconds at most.
sub start {
    my ($class, $patience) = @_;
    pipe(my $ear, my $heart) or die "pipe: $!\n";
    my $pid = fork() // die "fork: $!\n";
    if (!$pid) {
        close $heart;
        $SIG{TERM} = $SIG{INT} = 'IGNORE'; # it ends with the one that it watches
        watch($ear, $patience);
        exit;
    }
    close $ear;
    $heart->autoflush(1);
    return bless { heart => $heart }, $class;
}

# Says that all is well; BIRD is the process to end if that is not said again. 0: there is none.
sub beat {
    my ($self, $bird) = @_;
    print { $self->{heart} } "$bird\n";
}

sub watch {
    my ($ear, $patience) = @_;
    my $bird = 0;
    while (1) {
        vec(my $readable = '', fileno $ear, 1) = 1;
        if (select($readable, undef, undef, $patience) > 0) {
            sysread $ear, my $beats, 4096 or last;
            $bird = $1 if $beats =~ /(\d+)\n\z/;
        } elsif ($bird) {
            print STDERR "announcer: hangs: ending BIRD\n";
            kill 'TERM', $bird;
        }
    }
    kill 'TERM', $bird if $bird;
}

1;
