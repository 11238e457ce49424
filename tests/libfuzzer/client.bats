# The client's protocol under libFuzzer, for some seconds: make fuzz is for more.

@test "client: whatever a server says, for 20 seconds" {
	make -s -C "$BATS_TEST_DIRNAME" OUT="$BATS_TEST_TMPDIR" SECONDS=20 run
}
