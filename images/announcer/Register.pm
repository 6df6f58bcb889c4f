# The site's register as the announcer and its gate have it, in /run/site/announcement, which root alone can read:
#
#   admitted                 ANNOUNCER CONFIGURATION: who is to announce, and by which configuration
#   configurations/ID        bird.conf, and check: what ./announce itself needs to know
#   by                       ANNOUNCER UPTIME: who has a BIRD, and when it last said so
#   well                     ADDRESS ANSWERING LIVE UPTIME: since when each has been well, in seconds of the host's uptime
#   state                    what came of it, for the gate and for people
#   drained                  while it is there, nothing is announced
#
# And for everyone to read, steering/announcement: EPOCH announced|withdrawn live|stale, which dnsdist tells other sites.
package Register;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT_OK = qw(uptime words lines note tell $DIRECTORY);

our $DIRECTORY = '/run/site/announcement';

# Seconds since the host has started, which no clock adjustment moves. (Perl's base has no other clock of that kind.)
sub uptime { return (words('/proc/uptime'))[0] }

# The lines of a file; none if it is not there.
sub lines {
    my ($path) = @_;
    open(my $file, '<', $path) or return;
    chomp(my @lines = <$file>);
    return @lines;
}

# The words in the first line of a file.
sub words { return split ' ', (lines(@_))[0] // '' }

# Writes a file whole or not at all.
sub write_whole {
    my ($path, $text, $mode) = @_;
    open(my $file, '>', "$path.new") or die "$path.new: $!\n";
    chmod $mode, $file;
    print $file $text;
    close $file or die "$path.new: $!\n";
    rename "$path.new", $path or die "$path: $!\n";
}

sub note { write_whole("$DIRECTORY/$_[0]", $_[1], 0600) }
sub tell { write_whole('/run/site/steering/announcement', $_[0], 0644) }

1;
