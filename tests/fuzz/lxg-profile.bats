# Odd input for lxg-profile: it never crashes, and alters no part's bytes.
# bats file_tags=once-lxd

load ../env.sh

@test "profile: odd bases and user-data, for 15 seconds" {
	export TMPDIR=$BATS_TEST_TMPDIR MALLOC_PERTURB_=165
	"$BATS_TEST_DIRNAME/profile" "$(command -v lxg-profile)" 15
}
