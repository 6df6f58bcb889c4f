# A daemon of ours that tells routers, or neighbors in a network, that this host is there. What follows is the same for
# each kind of them; Bird and Keepalived are the kinds.
package Speaker;
use strict;
use warnings;
use POSIX ();

# Runs COMMAND as a process of this kind.
sub spawn {
    my ($class, @command) = @_;
    my $pid = fork() // die "fork: $!\n";
    if (!$pid) {
        exec @command or POSIX::_exit(127);
    }
    return bless { pid => $pid }, $class;
}

# What people call it.
sub name { my ($self) = @_; return ref $self }

sub pid { return $_[0]{pid} }

# Whether the process is there.
sub alive {
    my ($self) = @_;
    return !$self->{ended} if waitpid($self->{pid}, POSIX::WNOHANG()) != $self->{pid};
    $self->{ended} = 1;
    return 0;
}

# Ten times a second: what there is to do by then.
sub tick { }

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
