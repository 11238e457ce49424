# lxg-map with lxg-acl and lxg-mount on a real engine: files lent live, as
# copies, and taken back.
# shellcheck disable=SC2154,SC2094,SC2016,SC1003 # of env.sh and run; names
bats_require_minimum_version 1.5.0

load ../env.sh
load ../exec.sh

I=$T-a

setup_file() {
	drop_instance "$I"
	make_instance "$I" >/dev/null
	lxg-instance get "$I" | lxg-mount plan share maps | lxg-acl grant |
	    lxg-mount add >/dev/null
}

teardown_file() {
	drop_instance "$I"
}

setup() {
	D=$HOME/work-$BATS_TEST_NUMBER
	rm -rf "$D"
	mkdir "$D"
	cd "$D" || return
	umask 077
}

teardown() {
	cd "$HOME" || return
	lxg-instance get "$I" | lxg-map list | lxg-map del -D | lxg-acl revoke
	rm -rf "$D"
} >/dev/null 2>&1

lend() {
	lxg-instance get "$I" | lxg-map plan "$@" | lxg-acl grant | lxg-map add
}

back() {
	lxg-instance get "$I" | lxg-map list "$@" | lxg-map del | lxg-acl revoke
}

# as the login user, and as root
inside() {
	user_in "$I" "$@"
}

root_inside() {
	root_in "$I" "$@"
}

# all that has to be the same after as before
look() {
	getfacl -n "$@"
	stat -c '%n %a %u %g %i %Y' "$@"
	cat "$@"
}

devices() {
	engine_api GET "/1.0/instances/$I" |
	    jq '[.devices[] | select(."user.lxg.mode")] | length'
}

@test "a file is lent live and comes back exactly" {
	echo one >a.txt
	echo two >b.txt
	setfacl -m u:1:r,g:2:rw,m::r b.txt
	look a.txt b.txt >before
	lend a.txt b.txt >lent
	[ "$(jq -r .path lent)" = \
	    $'/home/debian/lent/a.txt\n/home/debian/lent/b.txt' ]
	[ "$(inside cat /home/debian/lent/a.txt)" = one ]
	inside sh -c 'echo three >>/home/debian/lent/b.txt'
	[ "$(cat b.txt)" = $'two\nthree' ]
	# the other side sees what is written here, as it is written
	echo four >>a.txt
	[ "$(inside tail -n 1 /home/debian/lent/a.txt)" = four ]
	printf 'one\n' >a.txt
	printf 'two\n' >b.txt
	touch -d "@$(sed -n 's/^b.txt .* //p' before)" b.txt
	touch -d "@$(sed -n 's/^a.txt .* //p' before)" a.txt
	[ "$(back | jq -r .restored)" = $'exact\nexact' ]
	look a.txt b.txt | diff before -
	run inside ls /home/debian/lent
	[ "$status" != 0 ]
	[ "$(devices)" = 0 ]
}

@test "what is given is given, what is taken is taken" {
	echo x >x
	lend x >first
	lxg-map add <first | cmp - first
	lend x | jq -S 'del(.grant)' | diff - <(jq -S 'del(.grant)' first)
	lxg-map del <first >one
	lxg-map del <first | cmp - one
	lxg-acl revoke <first >/dev/null
	lxg-acl revoke <first >/dev/null
}

@test "list gets back what add was given, and the files asked for" {
	echo x >x
	echo y >y
	ln -s y link
	lend x y >lent
	lxg-instance get "$I" | lxg-map list |
	    jq -S -c 'del(.source_state)' | sort |
	    diff - <(jq -S -c 'del(.grant)' lent | sort)
	lxg-instance get "$I" | lxg-map list >all
	[ "$(jq -r .source_state all | sort -u)" = same ]
	[ "$(lxg-instance get "$I" | lxg-map list link | jq -r .source)" = \
	    "$D/y" ]
	[ "$(lxg-instance get "$I" | lxg-map list ./x "$D/y" | wc -l)" = 2 ]
	[ "$(lxg-instance get "$I" | lxg-map list absent)" = '' ]
	mv y z
	[ "$(lxg-instance get "$I" | lxg-map list y | jq -r .source_state)" = \
	    gone ]
	cp z y
	[ "$(lxg-instance get "$I" | lxg-map list y | jq -r .source_state)" = \
	    other ]
	rm y
	mv z y
}

@test "two files of one name both land, and keep their extension" {
	mkdir a b
	for d in a b; do
		echo "$d" >$d/report.odt
		echo "$d" >$d/data.tar.gz
		echo "$d" >$d/.hidden
		echo "$d" >$d/README
	done
	lend a/* a/.hidden b/* b/.hidden b/README | jq -r .path |
	    sed 's,.*/,,' | sort >names
	sort >want <<-'E'
		.hidden
		.hidden-2
		README
		README-2
		data.tar.gz
		data-2.tar.gz
		report.odt
		report-2.odt
	E
	diff want names
	# and next to what is there already
	mkdir c
	echo c >c/report.odt
	lend c/report.odt | jq -r .path | grep -x /home/debian/lent/report-3.odt
	[ "$(inside cat /home/debian/lent/report-3.odt)" = c ]
}

@test "two files with the same content are two, one named twice is one" {
	echo x >x
	cp x y
	ln -s x link
	[ "$(lend x y x ./x link | wc -l)" = 2 ]
	[ "$(devices)" = 2 ]
}

@test "lent for reading only, it can't be written" {
	echo x >x
	lend -r x >lent
	[ "$(inside cat /home/debian/lent/x)" = x ]
	run inside sh -c 'echo y >/home/debian/lent/x'
	[ "$status" != 0 ]
	[ "$(cat x)" = x ]
	# what is lent otherwise is an error that names the difference
	lxg-instance get "$I" | lxg-map plan x >planned
	run --separate-stderr lxg-map add <planned
	[ "$status" = 73 ]
	[[ $stderr == *"$D/x"*another* ]]
}

@test "an executable file can be run" {
	printf '#!/bin/sh\necho "$1 runs"\n' >script
	chmod 700 script
	lend script >lent
	[ "$(inside /home/debian/lent/script it)" = 'it runs' ]
}

@test "names that are hard to write arrive" {
	local name names=(-dash 'a b' $'new\nline' "it's" '$(id)' é漢 '*' '\')
	for name in "${names[@]}"; do
		printf '%s' "$name" >"$name"
	done
	lend -- "${names[@]}" >lent
	for name in "${names[@]}"; do
		inside cat "/home/debian/lent/$name" >got
		printf '%s' "$name" | cmp - got
	done
	back >back
	[ "$(jq -r .restored back | sort -u)" = exact ]
	[ "$(devices)" = 0 ]
}

@test "all or nothing: one that has changed since the plan keeps all" {
	echo x >x
	echo y >y
	look x >before
	lxg-instance get "$I" | lxg-map plan x y | lxg-acl grant >granted
	mv y old
	echo z >y
	run --separate-stderr lxg-map add <granted
	[ "$status" = 75 ]
	[ "$output" = '' ]
	[[ $stderr == *"$D/y"*'another file'* ]]
	[ "$(devices)" = 0 ]
	rm y
	run --separate-stderr lxg-map add <granted
	[ "$status" = 1 ]
	ln -s x y
	run --separate-stderr lxg-map add <granted
	[ "$status" != 0 ]
	[ "$(devices)" = 0 ]
	lxg-acl revoke <granted >/dev/null
	look x | diff before -
}

# all_well: each of $pids ends with 0, and has nothing to say
all_well() {
	local pid failed=0
	for pid in "${pids[@]}"; do
		wait "$pid" || failed=$?
	done
	pids=()
	cat err* >&2
	[ "$failed" = 0 ]
	[ -z "$(cat err*)" ]
}

@test "20 maps and unmaps at once: none is lost" {
	local i pids=()
	for i in {1..20}; do
		echo "$i" >"f$i"
	done
	look f* >before
	for i in {1..20}; do
		lend "f$i" >"out$i" 2>"err$i" 3>&- &
		pids+=($!)
	done
	all_well
	[ "$(devices)" = 20 ]
	[ "$(cat out* | jq -r .path | sort -u | wc -l)" = 20 ]
	[ "$(inside sh -c 'cat /home/debian/lent/*' | sort -n | tail -n 1)" = 20 ]
	for i in {1..20}; do
		back "f$i" >"out$i" 2>"err$i" 3>&- &
		pids+=($!)
	done
	all_well
	[ "$(devices)" = 0 ]
	[ "$(cat out* | jq -r .restored | sort | uniq -c | xargs)" = '20 exact' ]
	look f* | diff before -
}

@test "a thousand files in one pipeline" {
	mkdir many
	for i in {1..1000}; do
		echo "$i" >"many/$i"
	done
	find many -type f -print0 >list
	getfacl -n many/* >before
	lend -0 list >lent
	[ "$(wc -l <lent)" = 1000 ]
	[ "$(devices)" = 1000 ]
	[ "$(inside sh -c 'cat /home/debian/lent/* | sort -n | tail -n 1')" = \
	    1000 ]
	back >back
	[ "$(jq -r .restored back | sort | uniq -c | xargs)" = '1000 exact' ]
	getfacl -n many/* | cmp before -
	[ "$(devices)" = 0 ]
}

@test "an add that is interrupted leaves nothing" {
	local ms undone=0
	for i in {1..60}; do
		echo "$i" >"f$i"
	done
	lxg-instance get "$I" | lxg-map plan f* >told
	# at another moment each time, so that all of add is gone through
	for ms in {000..400..50}; do
		lxg-map add <told >out 2>err 3>&- &
		sleep "0.$ms"
		kill -TERM $! 2>/dev/null || true
		if wait $!; then
			[ "$(wc -l <out)" = 60 ]
			lxg-map del <out >/dev/null
		else
			[ ! -s out ]
			[ "$(devices)" = 0 ]
			undone=$((undone + 1))
		fi
	done
	[ "$undone" -gt 0 ]
}

@test "a stopped instance: it takes effect at its start" {
	echo x >x
	look x >before
	lxg-instance stop -f "$I" >/dev/null
	lend x >lent
	lxg-instance start "$I" >/dev/null
	[ "$(inside cat /home/debian/lent/x)" = x ]
	lxg-instance stop -f "$I" >/dev/null
	[ "$(back | jq -r .restored)" = exact ]
	look x | diff before -
	lxg-instance start "$I" >/dev/null
	run inside ls /home/debian/lent/x
	[ "$status" != 0 ]
}

@test "a process that holds the file is named, and -w waits for it" {
	echo x >x
	lend x >lent
	inside sh -c 'exec 9</home/debian/lent/x; sleep 97 >/dev/null 2>&1 &'
	wait_until 20 root_inside pgrep -x sleep
	run --separate-stderr lxg-map del <lent
	[ "$status" = 0 ]
	[[ $stderr == *"$D/x: sleep ("*'still has it'* ]]
	lend x >lent
	lxg-map del -w <lent >out 2>err 3>&- &
	wait_until 20 grep -q sleep err
	[ "$(devices)" = 1 ]
	root_inside pkill -x sleep
	wait $!
	[ "$(devices)" = 0 ]
	lxg-acl revoke <lent >/dev/null
}

@test "a mapping of the file is a hold on it" {
	echo x >x
	lend x >lent
	inside sh -c 'python3 -c "
import mmap, time
f = open(\"/home/debian/lent/x\", \"r+b\")
m = mmap.mmap(f.fileno(), 0)
f.close()
open(\"/tmp/mapped\", \"w\").close()
time.sleep(97)" >/dev/null 2>&1 &'
	wait_until 20 inside test -e /tmp/mapped
	run --separate-stderr lxg-map del <lent
	[[ $stderr == *"$D/x: python3 ("* ]]
	root_inside pkill -x python3
	lxg-acl revoke <lent >/dev/null
}

@test "records of an instance made again under the name touch nothing" {
	echo x >x
	lend x >lent
	jq -c '.uuid = "another"' lent | lxg-map del >/dev/null
	[ "$(devices)" = 1 ]
	run --separate-stderr lxg-map add < <(jq -c '.uuid = "another"' lent)
	[ "$status" = 1 ]
	[[ $stderr == *'another one now'* ]]
}

@test "another project, an instance that is not there" {
	echo x >x
	lxg-instance get "$I" | lxg-map plan x >planned
	run --separate-stderr lxg-map add < <(jq -c '.instance = "no-such"
	    | del(.uuid)' planned)
	[ "$status" = 1 ]
	run --separate-stderr lxg-map list < <(jq -c '.instance = "no-such"' planned)
	[ "$status" = 1 ]
	run --separate-stderr lxg-map add < <(jq -c '.project = "nowhere"' planned)
	[ "$status" = 1 ]
	jq -c '.instance = "no-such"' planned | lxg-map del >gone
	[ "$(jq -r .error gone)" = null ]
}

@test "lent to two instances: taken from one, the other has it still" {
	make_instance "$T-b" >/dev/null
	echo x >x
	look x >before
	lend x >lent
	lxg-instance get "$T-b" | lxg-map plan x | lxg-acl grant | lxg-map add \
	    >other
	[ "$(back | jq -r .restored)" = held ]
	user_in "$T-b" sh -c 'echo y >>/home/debian/lent/x'
	[ "$(cat x)" = $'x\ny' ]
	[ "$(lxg-map del <other | lxg-acl revoke | jq -r .restored)" = exact ]
	getfacl -n x | diff - <(head -n 7 before | grep -v '^x ')
	drop_instance "$T-b"
}

@test "-n on add and del touches nothing" {
	echo x >x
	look x >before
	lxg-instance get "$I" | lxg-map plan -n x | lxg-acl grant | lxg-map add \
	    >dry
	[ "$(jq .dry_run dry)" = true ]
	look x | diff before -
	[ "$(devices)" = 0 ]
	lend x >lent
	lxg-instance get "$I" | lxg-map list | lxg-map del -n | lxg-acl revoke |
	    grep -q dry_run
	[ "$(devices)" = 1 ]
}

@test "the longest names: lent, beside another of the same name, and taken back" {
	local name
	name=$(printf '%206s' '' | tr ' ' a).text
	mkdir p q
	echo one >"p/$name"
	echo two >"q/$name"
	lend "p/$name" "q/$name" >lent
	[ "$(jq -r .path lent | sort -u | wc -l)" = 2 ]
	jq -r .path lent | while IFS= read -r path; do
		inside cat "$path" </dev/null
	done >contents
	[ "$(sort contents)" = $'one\ntwo' ]
	back >/dev/null
	[ "$(devices)" = 0 ]
}

@test "a name that can't be mounted: add refuses it, and recover leaves nothing" {
	local name
	name=$(printf '%212s' '' | tr ' ' a)
	echo x >x
	echo x >"$name"
	lxg-instance get "$I" | lxg-map plan x >planned
	# as one of 0.1 planned it
	lxg-instance get "$I" | lxg-map plan -c "$name" |
	    jq -c '.mode = "live" | .source = .origin | .dev = .origin_dev |
	    .ino = .origin_ino | .handle = .origin_handle | .path =
	    "/home/debian/lent/" + (.source | split("/") | last)' >>planned
	lxg-acl grant <planned >granted
	run --separate-stderr lxg-map add <granted
	[ "$status" = 65 ]
	[ "$(devices)" = 0 ]
	lxg recover -f "$I" >out
	[ "$(devices)" = 0 ]
	[ -z "$(lxg-acl list | jq -r 'select(.mode).source')" ]
	lxg unmap "$I"
}

# when its first process was begun
begun() {
	root_inside cut -d ' ' -f 22 /proc/1/stat
}

# again HOW: the instance starts once more, and not by lxg
again() {
	local before
	before=$(begun)
	case $1 in
	engine)	engine_api PUT "/1.0/instances/$I/state" \
		    '{"action": "restart", "force": true, "timeout": 60}' || : ;;
	guest)	root_inside systemctl reboot --force --force || : ;;
	esac
	wait_until 60 later "$before"
}

later() {
	local now
	now=$(begun) && [ "$now" != "$1" ]
} 2>/dev/null

@test "a start without lxg mounts what has the name then; lxg tells, and takes it back" {
	local how
	for how in engine guest; do
		echo one >a.txt
		lend a.txt >lent
		# saved by renaming, as the manual says: without the entry
		echo two >new
		mv new a.txt
		again "$how"
		run inside cat /home/debian/lent/a.txt
		[ "$status" != 0 ] && [[ $output == *denied* ]]
		# and with it
		echo three >new
		setfacl -m "u:$(jq .host_uid lent):rw" new
		mv new a.txt
		again "$how"
		[ "$(inside cat /home/debian/lent/a.txt)" = three ]
		[ "$(lxg-instance get "$I" | lxg-map list |
		    jq -r .source_state)" = other ]
		lxg recover -f "$I" >out 2>&1
		grep -q 'another file has that name now' out
		[ "$(devices)" = 0 ]
		inside sh -c '! cat /home/debian/lent/a.txt'
		rm -f a.txt
	done
}

@test "saved by renaming and lent again: no entry of either stays" {
	echo one >a.txt
	chmod 640 a.txt
	getfacl -cn a.txt >before
	lend a.txt >lent
	sed -i s/one/two/ a.txt
	getfacl -cn a.txt | grep -q "$(jq -r .host_uid lent)"
	run lxg map "$I" a.txt </dev/null
	[ "$status" = 73 ]
	[[ $output == *"there already with another inode"* ]]
	[ "$(lxg-acl list | jq -c 'select(.mode == "live") | .ino')" = \
	    "$(jq -c .ino lent)" ]
	lxg unmap "$I" a.txt
	getfacl -cn a.txt | diff before -
	[ "$(lxg-acl list | jq -r 'select(.mode).source')" = '' ]
}

snapshots() {
	engine_api GET "/1.0/instances/$I/snapshots" | jq length
}

has_snapshots() {
	[ "$(snapshots)" = "$1" ]
}

# restored_lent: the devices are those of the snapshot
restored_lent() {
	engine_api GET "/1.0/instances/$I" | jq -e --arg device \
	    "$(jq -r .device first)" '.devices[$device]'
} >/dev/null

# restored: what was lent with the snapshot is, and what was since has no device
restored() {
	lend a.txt >first
	engine_api POST "/1.0/instances/$I/snapshots" '{"name": "s"}' >/dev/null
	wait_until 60 has_snapshots 1
	lxg unmap "$I"
	lend b.txt >second
	lxg-instance stop -f "$I" >/dev/null
	engine_api PUT "/1.0/instances/$I" '{"restore": "s"}' >/dev/null
	wait_until 120 restored_lent
	engine_api DELETE "/1.0/instances/$I/snapshots/s" >/dev/null
	wait_until 60 has_snapshots 0
}

@test "a snapshot restored: what it lent opens nothing, and recover makes it one" {
	echo first >a.txt
	echo second >b.txt
	look a.txt b.txt >before
	restored
	engine_api PUT "/1.0/instances/$I/state" \
	    '{"action": "start", "timeout": 60}' >/dev/null
	wait_until 60 begun >/dev/null
	# a device without a grant, and a grant without a device
	run inside cat "$(jq -r .path first)"
	[ "$status" != 0 ] && [[ $output == *denied* ]]
	run inside cat "$(jq -r .path second)"
	[ "$status" != 0 ]
	lxg recover -f "$I" >out
	grep -q 'a.txt: lent without a grant; taken back' out
	grep -q 'b.txt: its device is gone; access taken back' out
	[ "$(devices)" = 0 ]
	look a.txt b.txt | diff before -
	[ -z "$(lxg recover -f "$I" 2>&1)" ]
}

@test "a snapshot restored: the next start makes it one" {
	echo first >a.txt
	echo second >b.txt
	look a.txt b.txt >before
	restored
	sqlite3 ~/.local/state/lxg/state.db 'UPDATE grant SET granted = granted - 99'
	lxg-instance start "$I" >/dev/null 2>said
	grep -q "$I: $D/a.txt: lent without a grant; taken back" said
	[ "$(devices)" = 0 ]
	look a.txt b.txt | diff before -
	[ "$(lxg-acl list | jq -r 'select(.mode).source')" = '' ]
	[ -z "$(lxg recover -f "$I" 2>&1)" ]
}
