# A command, and what came of it. SPDX-License-Identifier: ISC
package Run;
use strict;
use warnings;
use Exporter 'import';
use File::Temp ();
use POSIX ();

our @EXPORT = qw(run content);

use constant LIMIT => 60;

# content(NAME): of a file
sub content
{
	my ($name) = @_;
	open my $file, '<', $name or die "$name: $!\n";
	return do { local $/; <$file> } // '';
}

# run(INPUT, COMMAND...): {code, out, err}; 128 and more where a signal ended
# it, as one does that takes longer than LIMIT seconds
sub run
{
	my ($input, @command) = @_;
	my ($in, $out, $err) = map { File::Temp->new } 1 .. 3;
	print $in $input;
	close $in or die "$in: $!\n";
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		open STDIN, '<', "$in" or die;
		open STDOUT, '>', "$out" or die;
		open STDERR, '>', "$err" or die;
		alarm LIMIT;
		exec @command or POSIX::_exit(127);
	}
	waitpid $pid, 0;
	return {code => $? & 127 ? 128 + ($? & 127) : $? >> 8,
	    out => content("$out"), err => content("$err")};
}

1;
