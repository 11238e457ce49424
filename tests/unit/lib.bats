# Pieces of the library, each by a program of its own in tests/lib.

setup_file() {
	LIB=$BATS_TEST_DIRNAME/../lib
	make -s -C "$LIB" OUT="$BATS_FILE_TMPDIR"
}

# piece NAME [ARG]...: a program that prints what does not hold, and ends with 1 then.
piece() {
	"$BATS_FILE_TMPDIR/$1" "${@:2}"
}

@test "lib: UTF-8 is what RFC 3629 says; controls never reach a terminal" {
	piece text
}

@test "lib: the glue's filter of text is the programs'" {
	cd "$BATS_TEST_TMPDIR"
	piece text which > programs
	jq -L "$(dirname "$(command -v lxg)")/../share/lxg" -nr 'include "text";
	    # but the surrogates
	    [range(1; 55296), range(57344; 69632)] as $all |
	    [$all, ($all | implode | clean | explode)] | transpose[] |
	    select(.[0] != .[1]) | .[0]' > glue
	diff programs glue
	[ "$(wc -l < glue)" -gt 70 ]
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

@test "lib: what a program has begun with is taken out of its memory" {
	piece pages
}

@test "lib: the state keeps what it is given, and what is damaged is kept" {
	TMPDIR=$BATS_TEST_TMPDIR piece state
}
