# What xpra 5 and later speak, as far as a test needs it: values, packets and
# LZ4 that packs nothing. A number is what looks like one, any other plain
# scalar is text; text(), bytes() and bool() make what would not be that by
# itself. SPDX-License-Identifier: ISC
package Rencodeplus;
use strict;
use warnings;
use Exporter 'import';
use Scalar::Util 'blessed';

our @EXPORT = qw(bool bytes text dumps loads header packet lz4 show);

sub bool { return bless \(my $v = $_[0] ? 1 : 0), 'Bool' }
sub bytes { return bless \(my $v = $_[0]), 'Bytes' }
sub text { return bless \(my $v = $_[0]), 'Text' }

sub is_number { return $_[0] =~ /\A-?[0-9]+\z/ }

sub kind
{
	my ($value) = @_;
	return 'none' if !defined $value;
	return blessed($value) || ref $value if ref $value;
	return is_number($value) ? 'number' : 'Text';
}

sub integer
{
	my ($n) = @_;
	return chr $n if $n >= 0 && $n < 44;
	return chr(69 - $n) if $n < 0 && $n >= -32;
	for ([62, 'c', 7], [63, 's>', 15], [64, 'l>', 31]) {
		my ($code, $form, $bits) = @$_;
		return pack "C$form", $code, $n
		    if $n >= -2 ** $bits && $n < 2 ** $bits;
	}
	return pack 'Cq>', 65, $n;
}

sub several
{
	my ($base, $limit, $open, $count, $inner) = @_;
	return chr($base + $count) . $inner if $count < $limit;
	return chr($open) . $inner . "\x7f";
}

# The bytes that stand for a value.
sub dumps
{
	my ($value) = @_;
	my $kind = kind($value);
	return chr 69 if $kind eq 'none';
	return chr($$value ? 67 : 68) if $kind eq 'Bool';
	return integer($value) if $kind eq 'number';
	return length($$value) . "/$$value" if $kind eq 'Bytes';
	if ($kind eq 'HASH') {
		my @pairs = map { ($_, $value->{$_}) } sort keys %$value;
		return several(102, 25, 60, @pairs / 2, join '',
		    map { dumps($_) } @pairs);
	}
	return several(192, 64, 59, scalar @$value,
	    join '', map { dumps($_) } @$value) if $kind eq 'ARRAY';
	my $raw = ref $value ? $$value : $value;
	return chr(128 + length $raw) . $raw if length $raw < 64;
	return length($raw) . ":$raw";
}

# The value that the bytes stand for, all of them.
sub loads
{
	my ($raw) = @_;
	my $at = 0;
	my $value = load(\$raw, \$at);
	die "$at of " . length($raw) . " bytes\n" if $at != length $raw;
	return $value;
}

sub take
{
	my ($raw, $at, $count) = @_;
	my $part = substr $$raw, $$at, $count;
	die "cut short\n" if length $part != $count;
	$$at += $count;
	return $part;
}

sub load
{
	my ($raw, $at) = @_;
	my $code = ord take($raw, $at, 1);
	return $code if $code < 44;
	return 69 - $code if $code >= 70 && $code <= 101;
	return (bool(1), bool(0), undef)[$code - 67]
	    if $code >= 67 && $code <= 69;
	if ($code >= 48 && $code <= 57) {
		$$at--;
		return long_string($raw, $at);
	}
	return plain(take($raw, $at, $code - 128))
	    if $code >= 128 && $code < 192;
	return sequence($raw, $at, $code >= 192 ? $code - 192 : -1)
	    if $code == 59 || $code >= 192;
	return mapping($raw, $at, $code >= 102 ? $code - 102 : -1)
	    if $code == 60 || $code >= 102 && $code <= 126;
	my ($form, $size) = @{{44 => ['d>', 8], 62 => ['c', 1],
	    63 => ['s>', 2], 64 => ['l>', 4], 65 => ['q>', 8],
	    66 => ['f>', 4]}->{$code} or die "code $code\n"};
	return unpack $form, take($raw, $at, $size);
}

# Text that looks like a number stays text.
sub plain
{
	my ($string) = @_;
	return is_number($string) ? text($string) : $string;
}

sub long_string
{
	my ($raw, $at) = @_;
	pos($$raw) = $$at;
	$$raw =~ /\G([0-9]+)([:\/])/g or die "no string\n";
	my ($size, $mark) = ($1, $2);
	$$at = pos $$raw;
	my $data = take($raw, $at, $size);
	return $mark eq ':' ? plain($data) : bytes($data);
}

# Is there one more of so many, or of as many as come before the end?
sub more
{
	my ($raw, $at, $count, $have) = @_;
	return $have < $count if $count >= 0;
	return 1 if substr($$raw, $$at, 1) ne "\x7f";
	$$at++;
	return 0;
}

sub sequence
{
	my ($raw, $at, $count) = @_;
	my @items;
	while (more($raw, $at, $count, scalar @items)) {
		push @items, load($raw, $at);
	}
	return \@items;
}

sub mapping
{
	my ($raw, $at, $count) = @_;
	my ($n, %items) = (0);
	while (more($raw, $at, $count, $n)) {
		my $key = load($raw, $at);
		$items{ref $key ? $$key : $key} = load($raw, $at);
		$n++;
	}
	return \%items;
}

sub header
{
	my ($size, $index) = @_;
	return pack 'CCCCN', 80, 0x10, 0, $index // 0, $size;
}

# packet(CHUNKS, ITEM...): chunks: index of an item that goes ahead by itself,
# and its bytes
sub packet
{
	my ($chunks, @items) = @_;
	my $out = join '', map {
		header(length $chunks->{$_}, $_) . $chunks->{$_}
	} sort keys %$chunks;
	my $data = dumps(\@items);
	return $out . header(length $data) . $data;
}

# One block of literals, behind its size.
sub lz4
{
	my ($raw) = @_;
	my $size = length $raw;
	my $out = pack('V', $size) . chr(($size < 15 ? $size : 15) << 4);
	my $rest = $size - 15;
	for (; $rest >= 255; $rest -= 255) {
		$out .= "\xff";
	}
	$out .= chr $rest if $rest >= 0;
	return $out . $raw;
}

# A value as one reads it; two that are the same look the same.
sub show
{
	my ($value) = @_;
	my $kind = kind($value);
	return 'none' if $kind eq 'none';
	return $$value ? 'true' : 'false' if $kind eq 'Bool';
	return 0 + $value if $kind eq 'number';
	return '[' . join(', ', map { show($_) } @$value) . ']'
	    if $kind eq 'ARRAY';
	return '{' . join(', ',
	    map { "$_: " . show($value->{$_}) } sort keys %$value) . '}'
	    if $kind eq 'HASH';
	my $text = ref $value ? $$value : $value;
	$text =~ s/([^ -~]|\\)/sprintf '\\x%02x', ord $1/ge;
	return ($kind eq 'Bytes' ? 'b' : '') . "\"$text\"";
}

1;
