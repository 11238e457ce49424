# Pieces of the library, each by a program of its own in tests/lib.

setup_file() {
	LIB=$BATS_TEST_DIRNAME/../lib
	make -s -C "$LIB" OUT="$BATS_FILE_TMPDIR"
}

# A program that prints what does not hold, and ends with 1 then.
piece() {
	"$BATS_FILE_TMPDIR/$1"
}

@test "lib: UTF-8 is what RFC 3629 says; controls never reach a terminal" {
	piece text
}

@test "lib: names that an engine would refuse are refused" {
	piece name
}

@test "lib: id maps are taken apart, and those that reach the host refused" {
	piece idmap
}

@test "lib: records are read, and getters take only what fits" {
	piece rec
}

@test "lib: the state keeps what it is given, and what is damaged is kept" {
	TMPDIR=$BATS_TEST_TMPDIR piece state
}
