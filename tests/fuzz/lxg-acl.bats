#!/usr/bin/env bats
# What lxg-acl reads is what jq reads: acl-records says how.
# bats file_tags=once-lxd

load ../env.sh

@test "records in all forms of JSON, and in some that are none" {
	"$BATS_TEST_DIRNAME/acl-records"
}
