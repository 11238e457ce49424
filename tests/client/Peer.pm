# A client as the server sees it, and as its display does: what it sends and
# what it asks its display for is compared, step by step.
# SPDX-License-Identifier: ISC
package Peer;
use strict;
use warnings;
use File::Temp 'tempdir';
use IO::Select;
use IO::Socket::UNIX;
use POSIX ();
use Rencodeplus;

use constant WAIT => 10;
use constant WORDS => qw(in out bell tray notes files urls print);

# Peer->new(PROGRAM, WORD...): starts it, and has its connection
sub new
{
	my ($class, $program, @words) = @_;
	my $folder = tempdir(CLEANUP => 1);
	my $listener = IO::Socket::UNIX->new(Local => "$folder/s",
	    Listen => 5) or die "$folder/s: $!\n";
	pipe my $stdin, my $tell or die "pipe: $!\n";
	pipe my $display, my $stdout or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		close $_ for $listener, $tell, $display;
		open STDIN, '<&', $stdin or die;
		open STDOUT, '>&', $stdout or die;
		open STDERR, '>', "$folder/error" or die;
		exec $program, "$folder/s", 'later', @words or die;
	}
	$tell->autoflush(1);
	return bless {pid => $pid, tell => $tell, display => $display,
	    error => "$folder/error", sock => scalar $listener->accept,
	    raw => '', text => ''}, $class;
}

# Peer->of(SOCKET): one that somebody else has started
sub of
{
	my ($class, $sock) = @_;
	return bless {sock => $sock, raw => '', text => ''}, $class;
}

sub send_raw
{
	my ($self, $data) = @_;
	while (length $data) {
		my $n = syswrite $self->{sock}, $data;
		defined $n or die "write: $!\n";
		substr($data, 0, $n) = '';
	}
}

sub send
{
	my ($self, @items) = @_;
	$self->send_raw(packet({}, @items));
}

sub tell
{
	my ($self, @words) = @_;
	print {$self->{tell}} "@words\n";
}

sub more
{
	my ($file, $end, $into) = @_;
	my $left = $end - time;
	IO::Select->new($file)->can_read($left > 0 ? $left : 0)
	    or die "nothing in time\n";
	my $n = sysread $file, $$into, 1 << 20, length $$into;
	die "the end\n" if !$n;
}

# The next packet, an array.
sub packet_by
{
	my ($self, $end) = @_;
	my $raw = \$self->{raw};
	my $size;
	until (length $$raw >= 8 && length $$raw >=
	    8 + ($size = unpack 'x4N', $$raw)) {
		more($self->{sock}, $end, $raw);
	}
	my $head = substr $$raw, 0, 8, '';
	die 'not its header: ' . show(bytes($head)) . "\n"
	    if $head ne header($size);
	return loads(substr $$raw, 0, $size, '');
}

# want(ITEM...): the next packet begins with these; returns it
sub want
{
	my ($self, @items) = @_;
	my $got = eval { $self->packet_by(time + WAIT) };
	die 'no ' . show(\@items) . ": $@" if !$got;
	my $last = $#items < $#$got ? $#items : $#$got;
	die show($got) . ', not ' . show(\@items) . "\n"
	    if show([@$got[0 .. $last]]) ne show(\@items);
	return $got;
}

# line(TEXT): the display is asked for this next
sub line
{
	my ($self, $text) = @_;
	my $end = time + WAIT;
	more($self->{display}, $end, \$self->{text})
	    while $self->{text} !~ /\n/;
	$self->{text} =~ s/\A([^\n]*)\n//;
	die "display: $1, not $text\n" if $1 ne $text;
}

# end: [its exit code, what it said, what it still asked its display for]
sub end
{
	my ($self) = @_;
	my $end = time + WAIT;
	close $self->{tell};
	1 while eval { more($self->{display}, $end, \$self->{text}); 1 };
	die "it does not end: $@" if $@ ne "the end\n";
	waitpid $self->{pid}, 0;
	my $code = POSIX::WIFEXITED($?) ? $? >> 8 : -($? & 127);
	close $self->{sock};
	open my $file, '<', $self->{error} or die "$self->{error}: $!\n";
	my $said = do { local $/; <$file> } // '';
	$said =~ s/\A\s+|\s+\z//g;
	return [$code, $said, $self->{text}];
}

1;
