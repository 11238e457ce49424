# The client's protocol, without a display and without an engine: pieces,
# servers that mean no good, and a whole session with one of the later dialect.

setup_file() {
	CLIENT=$BATS_TEST_DIRNAME/../client
	make -s -C "$CLIENT" OUT="$BATS_FILE_TMPDIR"
}

@test "client: values of both dialects, packets, LZ4, clean text" {
	"$BATS_FILE_TMPDIR/unit"
}

@test "client: 10,000 windows, odd sizes, circles, cuts, floods" {
	"$BATS_FILE_TMPDIR/hostile"
}

@test "client: a session in rencodeplus, with later names only" {
	"$BATS_TEST_DIRNAME/../client/later" "$BATS_FILE_TMPDIR/drive"
}
