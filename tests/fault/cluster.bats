# A cluster: what is on another member gets nothing of this host, and what is
# made is made here; a false engine plays the member.
# bats file_tags=once
# shellcheck disable=SC2016,SC2154 # what other shells read; of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export HOME=$PWD/home LXG_TIMEOUT=20
	unset LXG_ENGINE
	mkdir home
	printf 'mine\n' > file
	chmod 600 file
	# a new instance, x
	cat > making <<-'END'
	printf '{"engine": "lxd", "api": "%s", "project": "default",
	    "profile": "p"}' "$LXG_ENGINE" | tr -d '\n' | lxg-instance create x
	END
}

member() {
	python3 "$BATS_TEST_DIRNAME/engine.py" "$@"
}

# refuses COMMAND...: an instance that is elsewhere, with that message
refuses() {
	local status=0
	member "$@" > out 2> said || status=$?
	[ "$status" = 78 ]
	grep -q 'there: is on beta, not on this host$' said
	[ ! -s out ]
}

@test "fault: records say which member has an instance" {
	member lxg-instance list | jq -c '[.instance, .location]' | sort > have
	printf '["here","alpha"]\n["there","beta"]\n' | diff - have
	[ "$(member lxg-instance get there | jq -r .location)" = beta ]
	[ "$(member lxg-instance where | jq -r .location)" = alpha ]
}

@test "fault: an engine that is in no cluster has no location" {
	cat > alone <<-'END'
	import json, os, subprocess, sys, engine
	e = engine.serve("alone.socket")
	one = engine.instance("x", False, engine.COMPLETE)
	one["location"] = "none"
	e.reset({"x": one}, "", 0)
	for words in ["get", "x"], ["start", "x"], ["list"], ["where"]:
	    print(subprocess.run(["lxg-instance", words[0], "-E",
	        os.getcwd() + "/alone.socket", *words[1:]], check=True,
	        stdout=subprocess.PIPE).stdout.decode(), end="")
	END
	PYTHONPATH=$BATS_TEST_DIRNAME python3 alone > out
	[ "$(wc -l < out)" = 4 ]
	run ! grep location out
}

@test "fault: an instance on another member is not started, nor changed" {
	refuses lxg-instance start there
	refuses lxg-instance adopt there
	refuses lxg-instance copy there copy
	refuses sh -c 'printf "{\"engine\": \"$1\", \"api\": \"$LXG_ENGINE\",
	    \"project\": \"default\", \"profile\": \"p\"}" |
	    tr -d "\n" | lxg-instance create there' x "${LXG_ENGINE-lxd}"
	grep -qx '\["there", "beta", "Stopped", \[\]\]' left
	run ! grep -q '^\[\"copy' left
	member lxg-instance start here
}

@test "fault: nor is a file or folder of this host planned for it" {
	for step in 'lxg-map plan file' 'lxg-map plan -c file' \
	    'lxg-mount plan share' 'lxg-mount plan -n share' \
	    'lxg-xpra start true'; do
		refuses sh -c "lxg-instance get there | $step"
	done
	[ ! -e home/.local/share/lxg ]
	member sh -c 'lxg-instance get here | lxg-map plan file' | grep -q file
}

@test "fault: nor added, where the record does not say where it is" {
	for step in 'lxg-map plan file | lxg-map add' \
	    'lxg-mount plan share | lxg-mount add'; do
		refuses sh -c "lxg-instance get there |
		    jq -c 'del(.location)' | $step"
		grep -qx '\["there", "beta", "Stopped", \[\]\]' left
	done
	# a copy is made in a folder that the instance has from when it was here
	cat > moved <<-'END'
	lxg-instance get here | lxg-mount plan maps | lxg-mount add > /dev/null
	lxg-instance get here | lxg-map plan -c file > copy
	jq -c '.instance = "there" | del(.location, .uuid)' copy |
	    lxg-map add
	END
	refuses sh -e moved
}

@test "fault: a session on another member is not joined or attached" {
	session='.session = "s2345678" | .state = "live" | .command = ["x"]'
	for verb in attach 'join true'; do
		refuses sh -c "lxg-instance get there | jq -c '$session' |
		    lxg-xpra $verb"
	done
	refuses lxg-instance start there
}

@test "fault: what is on another member is stopped and deleted" {
	member lxg-instance stop there | grep -q '"there"'
	member lxg-instance del there
	run ! grep -q there left
	grep -q '^DELETE /1.0/instances/there$' requests
	member lxg delete there 2> said
	run ! grep -q there left
	grep -q 'beta' said
}

@test "fault: a new instance, and a copy, are on this member" {
	member sh making | jq -e '.location == "alpha"'
	grep -q '^\["x", "alpha", ' left
	member lxg-instance copy here x | jq -e '.location == "alpha"'
	grep -q '^\["x", "alpha", ' left
}

@test "fault: where no member may be named, what is elsewhere goes again: 78" {
	run -78 --separate-stderr member -p beta sh making
	[ -z "$output" ]
	[[ $stderr == *'(beta)'*restricted.cluster.target=allow* ]]
	run ! grep -q '^\["x"' left
	run -78 --separate-stderr member -p beta lxg-instance copy here x
	[[ $stderr == *'(beta)'*restricted.cluster.target=allow* ]]
	run ! grep -q '^\["x"' left
	member -p alpha sh making | jq -e '.location == "alpha"'
	grep -q '^\["x", "alpha", ' left
}

@test "fault: doctor says where an instance is that is not here" {
	run -1 member lxg doctor there
	[[ $output == *"problem  there: is on beta, not on this host"* ]]
	run -1 member lxg doctor here
	[[ $output == *'ok       here: '* && $output != *'not on this host'* ]]
}

@test "fault: of a member that is down it is said, and what is known listed" {
	run -69 --separate-stderr member -d beta lxg-instance get there
	[[ $stderr == *'there: is on beta, which does not answer'* ]]
	for verb in stop 'del -f'; do
		# shellcheck disable=SC2086 # words
		run -75 --separate-stderr member -d beta lxg-instance $verb there
		[[ $stderr == *'is on beta, which does not answer'* ]]
		grep -q beta left
	done
	member -d beta lxg-instance list |
	    jq -e 'select(.instance == "there") | .profile == "p" and
	    .location == "beta" and .status == "Error" and
	    .error == "is on beta, which does not answer"'
	run -75 --separate-stderr member -d beta lxg delete -f there
	[[ $stderr == *'is on beta, which does not answer'* ]]
	grep -q beta left
	run -0 --separate-stderr member -d beta lxg list
	[ "$(grep -c 'here \|there ' <<< "$output")" = 2 ]
	[[ $stderr == *'there: is on beta, which does not answer'* ]]
	run -75 --separate-stderr member -d beta sh making
	[[ $stderr == *'which ids are in use is not known'* ]]
	run ! grep -q '^\["x"' left
	# and who is here is not in the way of that
	member -d beta lxg-instance start here
}
