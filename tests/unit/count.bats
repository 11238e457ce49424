# tests/count: the line that says whether all is well; what it counts is of tests/tap
# and tests/suite.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	count=$BATS_TEST_DIRNAME/../count
	printf '1..2\nok 1 a\nok 2 b\n' > good
}

last() {
	[ "$status" = "$1" ]
	[ "${lines[-1]}" = "$2" ]
}

@test "count: files are counted together" {
	run sh "$count" good good
	last 0 '4 passed, 0 failed'
	[ "${#lines[@]}" = 1 ]
}

@test "count: a failure is shown with all that it said, and nothing else" {
	printf '1..3\nok 1 a\nnot ok 2 b\n# why\nok 3 c\n' > bad
	run sh "$count" good bad
	last 1 '4 passed, 1 failed'
	[ "${lines[0]}" = 'bad: not ok 2 b' ]
	[ "${lines[1]}" = 'bad: # why' ]
	[ "${lines[2]}" = 'These failed:' ]
	[ "${lines[3]}" = 'bad: not ok 2 b' ]
	[ "${lines[4]}" = 'bad: # why' ]
	[ "${#lines[@]}" = 6 ]
}

@test "count: a skipped test has failed" {
	printf '1..1\nok 1 a # skip not today\n' > skipped
	run sh "$count" skipped
	last 1 '0 passed, 1 failed'
}

@test "count: tests that never came to their turn have failed" {
	printf '1..5\nok 1 a\n' > short
	run sh "$count" short
	last 1 '1 passed, 4 failed'
}

@test "count: a file without a plan has failed, and is shown" {
	printf 'bats: not found\n' > broken
	run sh "$count" good broken
	last 1 '2 passed, 1 failed'
	[[ $output == *'broken: bats: not found'* ]]
}

@test "count: an empty file has failed" {
	: > empty
	run sh "$count" empty good
	last 1 '2 passed, 1 failed'
	[ "${lines[0]}" = 'empty: nothing is in it' ]
}

@test "count: one that ended with an error has failed, though each test passed" {
	printf 'make: Error 1\n# ended with 2\n' | cat good - > ended
	run sh "$count" good ended
	last 1 '4 passed, 1 failed'
	[ "${lines[0]}" = 'ended: all passed, and it ended with 2' ]
	[ "${lines[1]}" = 'ended: make: Error 1' ]
	# and it is no second failure where it is known why
	printf '1..1\nnot ok 1 a\n# ended with 1\n' > bad
	run sh "$count" bad
	last 1 '0 passed, 1 failed'
	printf '1..2\nok 1 a\n# ended with 124\n' > short
	run sh "$count" short
	last 1 '1 passed, 1 failed'
}

@test "count: a second try is named, with what the first one said" {
	printf '1..1\nok 1 a\n# tried again: a\n#   late\n# left\n' > slow
	run sh "$count" good slow
	last 0 '3 passed, 0 failed'
	[ "${lines[0]}" = 'These had a second try:' ]
	[ "${lines[1]}" = 'slow: # tried again: a' ]
	[ "${lines[2]}" = 'slow: #   late' ]
	[ "${#lines[@]}" = 4 ]
}

@test "tap: a test that hangs has failed by itself, and the next one runs" {
	printf '@%s\n' \
	    'test "hangs" { said=$(sh -c "sleep 600; echo late" | cat); }' \
	    'test "runs" { true; }' > two.bats
	# none of what this bats has told us is for that one
	run env -i PATH=/usr/bin:/bin TEST_LIMIT=1 \
	    sh "$BATS_TEST_DIRNAME/../tap" two.bats
	grep -q '^not ok 1 hangs' <<< "$output"
	grep -q '^ok 2 runs' <<< "$output"
}

# of_tests TAG FILE: how many tests are not for the engine that has the tag
of_tests() { bats --count --filter-tags "!$1" "$2"; }

@test "suite: each test runs on both engines, or once if it or its file says so" {
	local all once
	cd "$BATS_TEST_DIRNAME/.." || exit
	sh suite -l > "$BATS_TEST_TMPDIR/list"
	for file in live/*.bats attack/*.bats fault/*.bats fuzz/*.bats; do
		want=2
		! grep -q '^# bats file_tags=once' "$file" || want=1
		[ "$(grep -cxE "(lxd|incus) $file" "$BATS_TEST_TMPDIR/list")" = \
		    "$want" ] || { echo "$file"; return 1; }
	done
	[ "$(grep -cxE '(lxd|incus) (remote|cluster)' "$BATS_TEST_TMPDIR/list")" = 4 ]
	[ -z "$(sort "$BATS_TEST_TMPDIR/list" | uniq -d)" ]
	# no tag is spelled in a way that nobody reads
	grep -rh '^# *bats.*tags' live attack fault fuzz > "$BATS_TEST_TMPDIR/tags"
	run ! grep -vxE '# bats (file|test)_tags=once(-lxd)?' "$BATS_TEST_TMPDIR/tags"
	for file in live/*.bats attack/*.bats fault/*.bats fuzz/*.bats; do
		grep -q '^# bats test_tags=' "$file" || continue
		all=$(bats --count "$file")
		once=$(grep -c '^# bats test_tags=once' "$file")
		[ "$(($(of_tests once "$file") + $(of_tests once-lxd "$file")))" = \
		    "$((2 * all - once))" ] || { echo "$file"; return 1; }
	done
}
