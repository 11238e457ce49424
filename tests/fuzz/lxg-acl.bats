#!/usr/bin/env bats
# What lxg-acl reads by itself is what jq reads: acl-records says how.

@test "records in all forms of JSON, and in some that are none" {
	"$BATS_TEST_DIRNAME/acl-records"
}
