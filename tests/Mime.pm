# A message in parts, decoded the way that cloud-init decodes it, with Python's
# email package: a line ends as it likes, and the last one of a part is the
# boundary's. SPDX-License-Identifier: ISC
package Mime;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(mime walk decoded user_data);

my $END = qr/\r\n?|\n/;
my $HEADER = qr/([!-9;-~]+):[ \t]*	# its name
    ([^\r\n]*(?:$END[ \t][^\r\n]*)*)	# what follows, and goes on
    (?:$END|\z)/x;

# mime(TEXT): {type, boundary, encoding, filename, merger, and body or parts}
sub mime
{
	my ($text) = @_;
	my %is = (type => 'text/plain', encoding => '', parts => undef);
	my %head;
	while ($text =~ s/\A$HEADER//) {
		$head{lc $1} //= $2;
	}
	$text =~ s/\A$END//;
	$is{body} = $text;
	my $type = $head{'content-type'} // '';
	$is{type} = lc $1 if $type =~ m{\A([^\s;]+/[^\s;]+)};
	($is{boundary}) = $type =~ /;\s*boundary="?([^";\r\n]+)"?/i;
	$is{encoding} = $head{'content-transfer-encoding'};
	$is{merger} = $head{'merge-type'};
	($is{filename}) = ($head{'content-disposition'} // '') =~
	    /;\s*filename="?([^"\r\n]*)"?/i;
	$is{parts} = [map { mime($_) } split_at($text, $is{boundary})]
	    if $is{type} =~ m{^multipart/} && defined $is{boundary};
	return \%is;
}

# What is between the lines that are the boundary, up to the one that ends it.
sub split_at
{
	my ($text, $boundary) = @_;
	my ($part, @parts);
	while ($text =~ /\G([^\r\n]*)($END|\z)/g) {
		my ($line, $end) = ($1, $2);
		if ($line =~ /\A--\Q$boundary\E(--)?[ \t]*\z/) {
			my $last = $1;
			push @parts, $part =~ s/$END\z//r
			    if defined $part;
			$part = '';
			return @parts if $last;
		} elsif (defined $part) {
			$part .= $line . $end;
		}
		last if $end eq '';
	}
	push @parts, $part if defined $part;
	return @parts;
}

# A message and all that is in it, in order.
sub walk
{
	my ($message) = @_;
	return ($message, map { walk($_) } @{$message->{parts} // []});
}

sub base64
{
	my ($text) = @_;
	$text =~ tr{A-Za-z0-9+/}{}cd;
	$text =~ tr{A-Za-z0-9+/}{ -_};
	return join '', map {
		unpack 'u', chr(32 + int(length($_) * 3 / 4)) . $_
	} $text =~ /(.{1,60})/gs;
}

# decoded(PART): its bytes. There, what is not ASCII is lost but in base64.
sub decoded
{
	my ($part) = @_;
	return base64($part->{body}) if ($part->{encoding} // '') eq 'base64';
	return $part->{body} if $part->{body} !~ /[^\x00-\x7f]/;
	return 'lost';
}

# user_data(FILE): that of a profile in JSON
sub user_data
{
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	open my $saved, '<&', \*STDIN or die "stdin: $!\n";
	open STDIN, '<&', $in or die "stdin: $!\n";
	open my $jq, '-|', 'jq', '-j', '.config["cloud-init.user-data"]'
	    or die "jq: $!\n";
	open STDIN, '<&', $saved or die "stdin: $!\n";
	my $text = do { local $/; <$jq> };
	close $jq or die "no JSON\n";
	return $text // '';
}

1;
