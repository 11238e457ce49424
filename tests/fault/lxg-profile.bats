# lxg-profile and an engine that goes wrong.
# shellcheck disable=SC2154 # of run
bats_require_minimum_version 1.5.0

load ../env.sh

teardown() {
	end_jobs
}

# engine FAULT: starts one.
engine() {
	cd "$BATS_TEST_TMPDIR" || return
	rm -f s log
	: >log
	"$BATS_TEST_DIRNAME/profile-engine" "$PWD/s" "$1" "$PWD/log" 3>&- &
	pid=$!
	wait_until 20 test -S s
	export LXG_ENGINE=$PWD/s
}

# puts CODE TEXT REQUESTS ARG...: how put ends, and how often it wrote
puts() {
	local code=$1 text=$2 requests=$3
	shift 3
	run --separate-stderr lxg-profile put "$@" x
	[ "$status" -eq "$code" ] || { echo "$status: $stderr"; return 1; }
	[[ $stderr == *"$text"* ]] || { echo "$stderr"; return 1; }
	[ "$(wc -l <log)" -eq "$requests" ] || { cat log; return 1; }
	[ "$code" -eq 0 ] || [ -z "$output" ]
}

@test "profile: 412 is tried again, with the new ETag" {
	engine busy3
	puts 0 '' 4 -f
	[ "$(cat log)" = 'PUT "e0"
PUT "e1"
PUT "e2"
PUT "e3"' ]
}

@test "profile: who keeps losing gives up: 75" {
	engine busy99
	puts 75 "x: ETag doesn't match" 5 -f
}

@test "profile: another one makes the profile meanwhile: it is judged anew" {
	engine race
	puts 73 'was not put by lxg-profile' 1
}

@test "profile: an error of the engine: 71, its text harmless, tried once" {
	engine broken
	puts 71 'x: ?[31mno?[0m space' 1 -f
}

@test "profile: answers that are no profile: 76, nothing written" {
	for fault in array null number no-config config-string; do
		engine "$fault"
		puts 76 "x: the engine's answer is no profile" 0 -f
		kill "$pid"
		wait "$pid" || :
	done
	engine default-wrong
	puts 76 'x: the default profile has no devices' 0 -f
	kill "$pid"
	wait "$pid" || :
	engine default-open
	puts 0 '' 1 -f
}

@test "profile: values of other types are other content, no crash" {
	for fault in config-numbers devices-strings; do
		engine "$fault"
		puts 73 '' 0
		puts 0 '' 1 -f
		kill "$pid"
		wait "$pid" || :
	done
	engine x
}
