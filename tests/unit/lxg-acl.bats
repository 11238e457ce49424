#!/usr/bin/env bats
# lxg-acl: what is given, that it comes back exactly, and what is refused.
# Needs no engine. The file system of the temporary folder must have ACLs.

U=1001000 # a container's user

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	db=$XDG_STATE_HOME/lxg/state.db
	umask 022
	echo text > f
}

# record FILE [KEY JSON]...: a device record as lxg-map plans it
record() {
	local file=$1 json
	shift
	json=$(stat -c '{"dev": "%d", "ino": "%i"}' "$file" | jq -c \
	    --arg source "$(realpath -s "$file")" --argjson uid "$U" '
		{engine: "lxd", api: "/run/x", project: "default",
		instance: "i", uuid: "u-1", device: "lxg-\(.ino)",
		type: "disk", $source, perm: "rw", mode: "live",
		host_uid: $uid} + .')
	while [ $# -gt 0 ]; do
		json=$(jq -c --arg k "$1" --argjson v "$2" '.[$k] = $v' \
		    <<<"$json")
		shift 2
	done
	printf '%s\n' "$json"
}

# all that has to be the same again
state() {
	getfacl -np -- "$@" && stat -c '%a %u %g %Y %n' -- "$@"
}

acl() {
	getfacl -cnp -- "$1" | grep -v '^$'
}

# lent FILE ENTRY...: its ACL is just that
lent() {
	local file=$1
	shift
	diff <(printf '%s\n' "$@") <(acl "$file" | sed 's/\t.*//')
}

# restored WORD RECORD: revoke says so
restored() {
	local said
	said=$(lxg-acl revoke <<<"$2" | jq -r .restored)
	[ "$said" = "$1" ] || { echo "restored: $said"; return 1; }
}

# rows: how many inodes the state knows of
rows() {
	[ -e "$db" ] || { echo 0; return; }
	sqlite3 "$db" 'SELECT count(*) FROM inode'
}

# there is nothing in the state, nor beside it
nothing_held() {
	[ "$(lxg-acl list)" = "" ] && [ "$(rows)" = 0 ] &&
	    ! find "${db%/*}" -mindepth 1 ! -name state.db \
	    ! -name state.db-journal 2>/dev/null | grep .
}

# fails CODE TEXT VERB INPUT: says so on stderr, and prints nothing else
fails() {
	local status=0
	lxg-acl "$3" <<<"$4" >out 2>err || status=$?
	[ "$status" -eq "$1" ] || { echo "$status: $(cat err)"; return 1; }
	grep -qF -- "$2" err || { cat err; return 1; }
	[ ! -s out ]
}

@test "a grant is one entry, and goes without a trace" {
	chmod 640 f
	state f > before
	r=$(record f)
	lxg-acl grant <<<"$r" > granted
	lent f user::rw- "user:$U:rw-" group::r-- mask::rw- other::---
	[ "$(jq -r .grant granted)" = "user:$U:rw-" ]
	[ "$(jq -c 'del(.grant, .handle)' granted)" = "$r" ]
	lxg-acl revoke < granted > revoked
	[ "$(jq -r .restored revoked)" = exact ]
	diff before <(state f)
	# nothing is left that says that there was an ACL
	[ -z "$(getfattr -n system.posix_acl_access f 2>/dev/null)" ]
	nothing_held
}

@test "what an ACL was is what it is again" {
	local n=0 setting
	while read -r setting mode; do
		n=$((n + 1))
		echo text > "e$n"
		touch -d '2001-02-03 04:05:06.789' "e$n"
		[ "$setting" = - ] || setfacl -n -m "$setting" "e$n"
		[ "$mode" = - ] || chmod "$mode" "e$n"
		state "e$n" > before
		r=$(record "e$n")
		lxg-acl grant <<<"$r" >/dev/null
		state "e$n" > during
		[ "$(grep -c "^user:$U:" during)" -eq 1 ]
		restored exact "$r"
		diff before <(state "e$n")
	done <<-'EOF'
		- 600
		- 666
		- 604
		- 444
		- 400
		- 4755
		u:5:rwx,m::rwx -
		u:5:rwx,m::r -
		u:5:rwx,u:6:---,g:7:r,m::--- -
		g:7:rw,g:8:x,m::x 644
		m::r -
		u:1001000:r,m::r -
	EOF
	[ "$n" -eq 12 ]
	nothing_held
}

@test "a wider mask gives nobody else anything" {
	chmod 600 f
	setfacl -n -m u:5:rwx,g:7:rwx,m::r f
	lxg-acl grant <<<"$(record f perm '"rwx"')" >/dev/null
	lent f user::rw- user:5:r-- "user:$U:rw-" group::--- group:7:r-- \
	    mask::rw- other::---
}

@test "a file made in a folder with a default ACL comes back too" {
	mkdir d
	setfacl -d -m u:5:rwx,g:7:rx d
	echo text > d/f
	state d d/f > before
	r=$(record d/f)
	lxg-acl grant <<<"$r" >/dev/null
	restored exact "$r"
	diff before <(state d d/f)
}

@test "several holders of an inode: each has its own, the last one restores" {
	chmod 640 f
	setfacl -m u:5:rwx f
	chmod g=r f
	state f > before
	a=$(record f instance '"a"' uuid '"u-a"' perm '"r"')
	b=$(record f instance '"b"' uuid '"u-b"' host_uid 1002000)
	c=$(record f instance '"b"' uuid '"u-b"' host_uid 1002000 \
	    device '"lxg-2"' perm '"r"')
	lxg-acl grant <<<"$a" >/dev/null
	printf '%s\n' "$b" "$c" | lxg-acl grant >/dev/null
	lent f user::rw- user:5:r-- "user:$U:r--" user:1002000:rw- \
	    group::r-- mask::rw- other::---
	restored held "$b"
	lent f user::rw- user:5:r-- "user:$U:r--" user:1002000:r-- \
	    group::r-- mask::r-- other::---
	restored held "$c"
	lent f user::rw- user:5:r-- "user:$U:r--" group::r-- mask::r-- \
	    other::---
	restored exact "$a"
	diff before <(state f)
	nothing_held
}

@test "an instance made again under the same name inherits nothing" {
	r=$(record f uuid '"u-old"')
	lxg-acl grant <<<"$r" >/dev/null
	lxg-acl grant <<<"$(record f uuid '"u-new"')" >/dev/null
	restored held "$(record f uuid '"u-new"')"
	restored exact "$r"
}

@test "a record without api and uuid: engine and instance stand for them" {
	r=$(record f | jq -c 'del(.api, .uuid, .type, .mode)')
	lxg-acl grant <<<"$r" >/dev/null
	restored exact "$(record f)"
	lxg-acl grant <<<"$(record f)" >/dev/null
	restored exact "$r"
	nothing_held
}

@test "a chmod made meanwhile survives" {
	local was now
	while read -r was now; do
		chmod "$was" f
		r=$(record f)
		lxg-acl grant <<<"$r" >/dev/null
		chmod "$now" f
		restored merged "$r"
		[ "$(stat -c %a f)" = "$now" ]
		[ "$(acl f | wc -l)" -eq 3 ]
	done <<-'EOF'
		644 600
		644 640
		600 640
		600 755
		640 400
		644 0
	EOF
	nothing_held
}

@test "an ACL set meanwhile survives, without our entry" {
	chmod 640 f
	r=$(record f)
	lxg-acl grant <<<"$r" >/dev/null
	setfacl -m u:9:rw,o::r f
	restored merged "$r"
	lent f user::rw- user:9:rw- group::r-- mask::rw- other::r--

	setfacl -b f
	setfacl -m u:5:rwx,m::r f
	lxg-acl grant <<<"$r" >/dev/null
	setfacl -x u:5 f
	restored merged "$r"
	lent f user::rw- group::r-- mask::r-- other::r--

	lxg-acl grant <<<"$r" >/dev/null
	setfacl -b f
	restored merged "$r"
	lent f user::rw- group::r-- other::r--
	nothing_held
}

@test "a chmod between two grants holds for the first one as well" {
	chmod 600 f
	a=$(record f instance '"a"' uuid '"u-a"')
	b=$(record f instance '"b"' uuid '"u-b"' host_uid 1002000)
	lxg-acl grant <<<"$a" >/dev/null
	chmod 600 f
	lxg-acl grant <<<"$b" >/dev/null
	lent f user::rw- "user:$U:---" user:1002000:rw- group::--- \
	    mask::rw- other::---
	restored held "$b"
	restored merged "$a"
	lent f user::rw- group::--- other::---
}

@test "folders get default entries for both users, and lose them" {
	mkdir -m 700 d
	state d > before
	r=$(record d perm '"rwx"')
	lxg-acl grant <<<"$r" >/dev/null
	me=$(id -u)
	# the entries of users are in the order of their numbers
	[ "$(acl d)" = "$(printf '%s\n' user::rwx "user:$U:rwx" group::--- \
	    mask::rwx other::--- default:user::rwx "default:user:$me:rwx" \
	    "default:user:$U:rwx" default:group::--- default:mask::rwx \
	    default:other::---)" ]
	touch d/new
	acl d/new | grep -q "^user:$U:rwx"
	acl d/new | grep -q "^user:$me:rwx"
	rm d/new
	restored exact "$r"
	diff <(sed '$d' before) <(state d | sed '$d')
	nothing_held
}

@test "a folder's own default ACL comes back, and what was added stays" {
	mkdir -m 700 d
	setfacl -d -m u:5:rx,g::rx,o::x d
	state d > before
	r=$(record d perm '"rwx"')
	lxg-acl grant <<<"$r" >/dev/null
	[ "$(acl d | grep -c 'default:\(group\|other\)::---')" -eq 2 ]
	restored exact "$r"
	diff before <(state d)

	lxg-acl grant <<<"$r" >/dev/null
	setfacl -d -m u:9:rw d
	restored merged "$r"
	diff <(getfacl -cdn d) - <<-'EOF'
		user::rwx
		user:5:r-x
		user:9:rw-
		group::r-x
		mask::rwx
		other::--x

	EOF
}

@test "never more than the caller has" {
	chmod 444 f
	lxg-acl grant <<<"$(record f)" > granted
	[ "$(jq -r .grant granted)" = "user:$U:r--" ]
	acl f | grep -q "^user:$U:r--"
	lxg-acl revoke < granted >/dev/null
	chmod 200 f
	fails 77 "i: $PWD/f: you have no such right to it yourself" grant \
	    "$(record f perm '"rx"')"
}

@test "what is refused, and leaves everything as it was" {
	state f > before
	ln -s f link
	mkfifo fifo
	other=/etc/passwd
	[ "$(id -u)" -ne 0 ] || { echo > other; chown 12345 other; other=other; }
	fails 65 "$PWD/link: neither a file nor a folder" grant \
	    "$(record link)"
	fails 65 "$PWD/fifo: neither a file nor a folder" grant \
	    "$(record fifo)"
	fails 77 "not yours" grant "$(record "$other")"
	fails 75 "$PWD/f: not the file that was planned" grant \
	    "$(record f ino '"1"')"
	fails 75 "not the file that was planned" grant \
	    "$(record f handle '"00000001ff"')"
	fails 1 "i: $PWD/none: no such file" grant \
	    "$(record f source "\"$PWD/none\"")"
	fails 71 "its file system has no ACLs" grant \
	    "$(record "/proc/$$/oom_score_adj")"
	diff before <(state f)
	nothing_held
}

@test "all or nothing" {
	echo > g
	state f g > before
	fails 75 "$PWD/g: not the file that was planned" grant \
	    "$(record f; record g ino '"1"')"
	diff before <(state f g)
	fails 71 "its file system has no ACLs" grant \
	    "$(record f; record "/proc/$$/oom_score_adj")"
	diff before <(state f g)
	nothing_held
}

@test "a grant whose records nobody takes is undone" {
	state f > before
	run bash -c 'lxg-acl grant <<<"$1" >/dev/full' - "$(record f)"
	[ "$status" -eq 74 ]
	[[ $output == *"No space left"* ]]
	diff before <(state f)
	# more than a pipe holds
	record f x "\"$(printf '%070000d' 0)\"" > long
	run bash -c 'lxg-acl grant < long | true; echo "${PIPESTATUS[0]}"'
	[ "${lines[-1]}" -eq 74 ]
	diff before <(state f)
	nothing_held
	# the others write, and fail, after all is done
	lxg-acl grant <<<"$(record f)" >/dev/null
	run bash -c 'lxg-acl list >/dev/full'
	[ "$status" -eq 74 ]
	run bash -c 'lxg-acl revoke <<<"$1" >/dev/full' - "$(record f)"
	[ "$status" -eq 74 ]
	diff before <(state f)
}

@test "giving twice and taking twice succeed" {
	state f > before
	r=$(record f)
	lxg-acl grant <<<"$r" > first
	state f > during
	lxg-acl grant < first > second
	diff first second
	diff during <(state f)
	restored exact "$r"
	restored exact "$r"
	diff before <(state f)
	# one that lost its entry gets it again
	lxg-acl grant <<<"$r" >/dev/null
	setfacl -b f
	lxg-acl grant <<<"$r" >/dev/null
	acl f | grep -q "^user:$U:rw-"
}

@test "one file named twice is one grant; the same with another right isn't" {
	r=$(record f)
	printf '%s\n' "$r" "$r" | lxg-acl grant >/dev/null
	[ "$(lxg-acl list | wc -l)" -eq 1 ]
	fails 73 "granted already, as user:$U:rw- and not user:$U:r--" grant \
	    "$(record f perm '"r"')"
	fails 73 "not user:1002000:rw-" grant "$(record f host_uid 1002000)"
	restored exact "$r"
}

@test "copies, dry runs and failures of earlier stages pass as they are" {
	state f > before
	for r in "$(record f mode '"copy"')" "$(record f dry_run true)"; do
		[ "$(lxg-acl grant <<<"$r")" = "$r" ]
		[ "$(lxg-acl revoke <<<"$r")" = "$r" ]
	done
	lxg-acl grant <<<"$(record f)" >/dev/null
	r=$(record f error '"the device stays"')
	run lxg-acl revoke <<<"$r"
	[ "$status" -eq 75 ]
	[ "$output" = "$r" ]
	acl f | grep -q "^user:$U:rw-"
	lxg-acl list | lxg-acl revoke >/dev/null
	diff before <(state f)
	[ "$(lxg-acl grant </dev/null; echo $?)" = 66 ]
	[ "$(echo | lxg-acl grant)" = "" ]
	[ "$(rows)" = 0 ]
}

@test "-n prints what would be, and touches nothing" {
	state f > before
	r=$(record f)
	[ "$(lxg-acl grant -n <<<"$r" | jq -c '[.dry_run, .grant]')" = \
	    "[true,\"user:$U:rw-\"]" ]
	[ ! -e "$XDG_STATE_HOME" ]
	diff before <(state f)
	lxg-acl grant <<<"$r" >/dev/null
	state f > before
	[ "$(lxg-acl revoke -n <<<"$r" | jq -c .dry_run)" = true ]
	diff before <(state f)
	[ "$(lxg-acl list | wc -l)" -eq 1 ]
}

@test "list prints grant records, enough to take all back" {
	[ "$(lxg-acl list)" = "" ]
	[ ! -e "$XDG_STATE_HOME" ]
	echo > g
	state f g > before
	{ record f; record g x '{"y": [1, null, "\u00e9"]}'; } |
	    lxg-acl grant > granted
	lxg-acl list > listed
	diff <(sort granted) \
	    <(jq -c 'del(.granted, .boot)' listed | sort)
	[ "$(jq -r .boot listed | sort -u)" = \
	    "$(cat /proc/sys/kernel/random/boot_id)" ]
	now=$(date +%s)
	jq -e --argjson now "$now" \
	    '.granted <= $now and .granted > $now - 60' listed
	lxg-acl revoke < listed >/dev/null
	diff before <(state f g)
	nothing_held
}

@test "a file that moved in its folder is found, one that is gone is gone" {
	r=$(record f)
	chmod 640 f
	lxg-acl grant <<<"$r" >/dev/null
	mv f f~
	echo new > f
	restored exact "$r"
	lent f~ user::rw- group::r-- other::---
	lent f user::rw- group::r-- other::r--

	r=$(record f)
	lxg-acl grant <<<"$r" >/dev/null
	rm f
	echo another > f
	restored gone "$r"
	[ -z "$(lxg-acl list)" ]
	mkdir -p d/d
	echo > d/d/f
	r=$(record d/d/f)
	lxg-acl grant <<<"$r" >/dev/null
	rm -r d
	restored gone "$r"
	[ -z "$(lxg-acl list)" ]
	# lxg-mount removes its own
	mkdir d
	r=$(record d mount '"share"')
	lxg-acl grant <<<"$r" >/dev/null
	rmdir d
	restored gone "$r" 2> err
	diff /dev/null err
}

# moved: f was lent, moved to another folder and taken back; r is its record
moved() {
	chmod 640 f
	setfacl -m u:5:rwx,m::r f
	state f > before
	mkdir d
	r=$(record f)
	lxg-acl grant <<<"$r" >/dev/null
	mv f d/f
	restored gone "$r" 2> err
}

@test "a file that moved elsewhere: told once, and exact when it is found" {
	moved
	grep -qF "$PWD/f: gone; if it was moved, user $U keeps access" err
	grep -qF "setfacl -x u:$U" err
	[ "$(sed 's/.*(to find it: \(.*\))/\1/' err | sh)" = "$PWD/d/f" ]
	[ -z "$(lxg-acl list)" ]
	restored gone "$r" 2> err
	diff /dev/null err
	mv d/f f
	restored exact "$r"
	diff before <(state f)
	[ "$(rows)" = 0 ]
}

@test "a file that moved elsewhere and is lent again comes back exactly" {
	moved
	r=$(record d/f host_uid 1002000 instance '"b"' uuid '"u-b"')
	lxg-acl grant <<<"$r" >/dev/null
	lent d/f user::rw- user:5:r-- user:1002000:rw- group::r-- mask::rw- \
	    other::---
	restored exact "$r"
	mv d/f f
	diff before <(state f)
	nothing_held
}

@test "a file that moved elsewhere: what others hold of it is held" {
	b=$(record f host_uid 1002000 instance '"b"' uuid '"u-b"')
	lxg-acl grant <<<"$b" >/dev/null
	lxg-acl revoke <<<"$b" >/dev/null
	chmod 640 f
	state f > first
	lxg-acl grant <<<"$b" >/dev/null
	r=$(record f)
	lxg-acl grant <<<"$r" >/dev/null
	mkdir d
	mv f d/f
	restored gone "$r" 2>/dev/null
	[ "$(lxg-acl list | jq -r .instance)" = b ]
	mv d/f f
	restored held "$r"
	lent f user::rw- user:1002000:rw- group::r-- mask::rw- other::---
	restored exact "$b"
	diff first <(state f)
	nothing_held
}

@test "saved by renaming, or copied, while it is lent: no entry stays unsaid" {
	local how
	chmod 640 f
	acl f > before
	cp f "it's"
	for how in 'sed -i s/t/T/ f' 'mv f f~; cp -p f~ f' \
	    'cp -p f new; mv new f'; do
		r=$(record f)
		lxg-acl grant <<<"$r" >/dev/null
		eval "$how"
		acl f | grep -q ":$U:"
		lxg-acl revoke <<<"$r" > revoked 2> err
		acl f | diff before -
		grep -qF "$PWD/f: another file than the one that was lent" err
		[ ! -e f~ ] || acl f~ | diff before -
		rm -f f~
	done
	echo > held
	{ record f; record held; } | lxg-acl grant >/dev/null
	cp -p f "it's"
	cp -p f g
	lxg-acl revoke <<<"$(record f)" > revoked 2> err
	[ "$(jq -r .restored revoked)" = exact ]
	[ "$(wc -l < err)" = 2 ]
	sed -n 's/.*; \(setfacl .*\) takes it away/\1/p' err | sh
	acl g | grep -v ^mask | diff before -
	acl "it's" | grep -v ^mask | diff before -
	restored exact "$(record held)" 2> err
	diff /dev/null err
}

@test "saved by renaming and lent again, before and beside what was lent first" {
	local first
	chmod 640 f
	acl f > before
	for first in old new; do
		old=$(record f)
		lxg-acl grant <<<"$old" >/dev/null
		sed -i s/t/T/ f
		acl f | grep -q ":$U:"
		new=$(record f)
		[ "$old" != "$new" ]
		lxg-acl grant <<<"$new" >/dev/null
		acl f | grep -q "^user:$U:rw-"
		lxg-acl revoke <<<"${!first}" > revoked 2> err
		case $first in
		old)	lxg-acl revoke <<<"$new" ;;
		new)	lxg-acl revoke <<<"$old" ;;
		esac > revoked 2> err
		acl f | diff before -
		[ "$(lxg-acl list)" = "" ]
	done
	# what a copy under another name has, may have been meant
	old=$(record f)
	lxg-acl grant <<<"$old" >/dev/null
	cp -p f g
	new=$(record g)
	lxg-acl grant <<<"$new" >/dev/null
	restored exact "$old" 2> err
	diff /dev/null err
	restored exact "$new" 2> err
	grep -qF "$PWD/g: user $U has an entry in its ACL" err
	grep -qF "setfacl -x u:$U" err
	[ "$(lxg-acl list)" = "" ]
	# and so may what a new file has, where the one before it is gone
	old=$(record f)
	lxg-acl grant <<<"$old" >/dev/null
	mkdir away
	mv f away/f
	lxg-acl revoke <<<"$old" > revoked 2> err
	echo > f
	setfacl -m "u:$U:r" f
	state f > before
	lxg-acl grant <<<"$(record f)" >/dev/null
	restored exact "$(record f)" 2> err
	diff before <(state f)
}

@test "however the engine's socket is spelled, it is the same holder" {
	state f > before
	lxg-acl grant <<<"$(record f api '"/run/link"')" >/dev/null
	lxg-acl grant <<<"$(record f)" >/dev/null
	[ "$(lxg-acl list | wc -l)" = 1 ]
	restored exact "$(record f api '"/run/unix.socket.user"')"
	diff before <(state f)
	nothing_held
}

@test "what is gone is kept for a month" {
	moved
	sqlite3 "$db" 'UPDATE grant SET granted = granted - 29 * 86400'
	lxg-acl list >/dev/null
	[ "$(rows)" = 1 ]
	sqlite3 "$db" 'UPDATE grant SET granted = granted - 2 * 86400'
	lxg-acl list >/dev/null
	[ "$(rows)" = 0 ]
}

@test "an entry that no grant tells of is told, and stays" {
	mkdir d
	setfacl -d -m "u:$U:rw" d
	setfacl -m "u:$U:rw" f
	state f d > before
	for name in f d; do
		restored exact "$(record "$name")" 2> err
		grep -qF "$PWD/$name: user $U has an entry in its ACL" err
	done
	diff before <(state f d)
	setfacl -x "u:$U" f
	restored exact "$(record f)"
}

@test "any name works" {
	local name
	# shellcheck disable=SC2016 # taken as they are
	for name in ' ' '-n' $'a\nb' '$(id)' "'\"" $'\t' 'ü€' '\u0041' '%20'; do
		echo > "./$name"
		state "./$name" > before
		record "./$name" device '"lxg- %\t\n-"' instance '"-"' |
		    lxg-acl grant > granted
		acl "./$name" | grep -q "^user:$U:rw-"
		[ "$(jq -r .source granted; echo .)" = \
		    "$PWD/$name"$'\n.' ]
		lxg-acl list | lxg-acl revoke >/dev/null
		diff before <(state "./$name")
	done
	nothing_held
}

@test "bad input: 64, 65 naming line and key, 66" {
	local r
	r=$(record f)
	run lxg-acl mend
	[ "$status" -eq 64 ]
	[[ $output == *"mend: no such verb"*"usage: "* ]]
	run lxg-acl
	[ "$status" -eq 64 ]
	run lxg-acl grant -z <<<"$r"
	[ "$status" -eq 64 ]
	run lxg-acl list operand
	[ "$status" -eq 64 ]
	for verb in grant revoke; do
		run lxg-acl "$verb" </dev/null
		[ "$status" -eq 66 ] && [ -z "$output" ]
		fails 65 'line 2: not JSON' "$verb" "$r"$'\n{"a"'
		fails 65 'line 1: not a JSON object' "$verb" '[1]'
		fails 65 'line 1: not UTF-8' "$verb" $'{"a":"\xff"}'
		fails 65 'not JSON' "$verb" '{"a":1} {}'
		for key in engine project instance device source perm \
		    host_uid dev ino; do
			fails 65 "line 1: key \"$key\" is missing" "$verb" \
			    "$(jq -c "del(.$key)" <<<"$r")"
		done
		for key in engine api project instance uuid device source \
		    perm mode dev ino handle; do
			fails 65 "key \"$key\" is not a string" "$verb" \
			    "$(jq -c ".$key = 1" <<<"$r")"
			fails 65 "key \"$key\" holds a NUL" "$verb" \
			    "$(jq -c ".$key = \"a\u0000b\"" <<<"$r")"
		done
		fails 65 'key "host_uid" is not a number' "$verb" \
		    "$(jq -c '.host_uid = "5"' <<<"$r")"
		for uid in -1 1.5 4294967295 1e300; do
			fails 65 'key "host_uid" is not a user or group id' \
			    "$verb" "$(jq -c ".host_uid = $uid" <<<"$r")"
		done
		fails 65 "\"host_uid\" is no container's user" "$verb" \
		    "$(record f host_uid "$(id -u)")"
		fails 65 "\"host_uid\" is no container's user" "$verb" \
		    "$(record f host_uid 0)"
		fails 65 'key "perm" is none of' "$verb" \
		    "$(record f perm '"rq"')"
		fails 65 'is not a number in digits' "$verb" \
		    "$(record f ino '"-1"')"
		fails 65 '"source" is not an absolute path' "$verb" \
		    "$(record f source '"f"')"
	done
	[ "$(acl f | wc -l)" -eq 3 ]
}

@test "records in any other form of JSON are understood the same" {
	local r way
	state f > before
	r=$(record f x 1e400 y '[{}, "\u0000", -0.5]' z '"\ud83d\ude00"')
	for way in 'tojson | gsub(","; " ,\t") | gsub(":"; ": ")' \
	    'tojson | sub("source"; "sou\\u0072ce")' \
	    'tojson | sub("\\{"; "{\"perm\":\"q\",")'; do
		jq -r "$way" <<<"$r" > form
		lxg-acl grant < form > granted
		[ "$(jq -c 'del(.grant, .handle)' granted)" = \
		    "$(jq -c . form)" ]
		acl f | grep -q "^user:$U:rw-"
		lxg-acl revoke < form >/dev/null
		diff before <(state f)
	done
}

# lost RECORD: what it was is not known, but whose entry must go is
lost() {
	run lxg-acl revoke <<<"$1"
	[ "$status" -eq 0 ]
	[[ $output == *"what it was is lost"*'"restored":"merged"'* ]]
}

@test "a damaged state is named and kept, and nothing is guessed" {
	local damage n=0
	for damage in ': >' 'echo garbage >' 'truncate -s 50 ' \
	    'truncate -s 9999 ' "printf 'a\\0b\\n' >" \
	    'dd bs=1 count=99 conv=notrunc if=/dev/urandom status=none of='; do
		n=$((n + 1))
		echo > a
		chmod 640 a
		state a > before
		lxg-acl grant <<<"$(record a)" >/dev/null
		eval "$damage\"\$db\""
		cp "$db" bad
		lxg-acl list > listed 2> err
		grep -q "state.db: damaged: .*; kept as state.db.bad" err
		cmp bad "$db.bad"
		[ -z "$(cat listed)" ]
		[ -z "$(lxg-acl list 2>&1 >/dev/null)" ]
		lost "$(record a)"
		diff before <(state a)
		# one that is lost later hides none of before
		[ "$n" -gt 1 ] || cp bad "$db"
		[ "$n" -gt 1 ] || [[ $(lxg-acl list 2>&1) == *state.db.bad-2* ]]
		rm a "$db".bad*
	done
}

@test "a row that is damaged is told and kept, the others count" {
	local damage
	for damage in "inode SET base = replace(base, 'rw-', 'rwx')" \
	    'inode SET merged = 1' 'grant SET perm = 7' \
	    'grant SET uid = 1002000' "grant SET device = 'x'"; do
		echo > a
		echo > b
		chmod 640 a b
		state a b > before
		lxg-acl grant <<<"$(record a)" >/dev/null
		sqlite3 "$db" "UPDATE $damage"
		lxg-acl grant <<<"$(record b)" >/dev/null
		lxg-acl list > listed 2> err
		grep -q 'state.db: a row is damaged; kept' err
		[ "$(jq -r .source listed)" = "$PWD/b" ]
		[ -z "$(lxg-acl list 2>&1 >/dev/null)" ]
		restored exact "$(record b)"
		lost "$(record a)"
		diff before <(state a b)
		[ "$(sqlite3 "$db" "SELECT json_extract(found,
		    '\$.records[0]') FROM damaged" | jq -r .source)" = \
		    "$PWD/a" ]
		sqlite3 "$db" 'DELETE FROM damaged'
		rm a b
	done
	nothing_held
}

@test "a folder whose state is lost loses the default entries as well" {
	mkdir -m 700 d
	getfacl -np d > before
	r=$(record d perm '"rwx"')
	lxg-acl grant <<<"$r" >/dev/null
	: > "$db"
	restored merged "$r"
	getfacl -np d | diff before -
	restored exact "$r"
	# a new grant doesn't take an entry that was left for one of before
	lxg-acl grant <<<"$r" >/dev/null
	: > "$db"
	lxg-acl grant <<<"$r" >/dev/null 2>&1
	restored merged "$r"
	getfacl -np d | diff before -
}

@test "a file that is written to all the time is lent all the same" {
	chmod 640 f
	getfacl -np f > before
	(while [ ! -e stop ]; do echo x; done > f) &
	r=$(record f)
	for _ in $(seq 20); do
		lxg-acl grant <<<"$r" >/dev/null || touch stop failed
		lxg-acl revoke <<<"$r" >/dev/null || touch stop failed
	done
	touch stop
	wait
	[ ! -e failed ]
	getfacl -np f | diff before -
}

@test "a state of someone else's or that others may write in: 77" {
	lxg-acl grant <<<"$(record f)" >/dev/null
	for at in "$db" "${db%/*}"; do
		mode=$(stat -c %a "$at")
		for other in 770 707; do
			chmod "$other" "$at"
			for verb in grant revoke list; do
				fails 77 'others may write here' "$verb" \
				    "$(record f)"
			done
		done
		chmod "$mode" "$at"
		if [ "$(id -u)" -eq 0 ]; then
			chown 12345 "$at"
			fails 77 'not yours' revoke "$(record f)"
			chown 0 "$at"
		fi
	done
	[ "$(stat -c %a "$db" "${db%/*}" | tr '\n' ' ')" = '600 700 ' ]
	restored exact "$(record f)"
}

@test "1,000 files in one call, and back" {
	mkdir d
	(cd d && for i in $(seq 1000); do echo > "$i"; done && chmod 640 -- *)
	setfacl -m u:5:r d/1*
	getfacl -np d/* > before
	stat -c '%d %i %n' "$PWD"/d/* | jq -cR --argjson uid "$U" '
		capture("^(?<dev>[0-9]+) (?<ino>[0-9]+) (?<source>.*)") |
		. + {engine: "lxd", project: "default", instance: "i",
		device: "lxg-\(.ino)", perm: "rw", host_uid: $uid}' > records
	lxg-acl grant < records > granted
	[ "$(getfacl -np d/* | grep -c "^user:$U:rw-")" -eq 1000 ]
	[ "$(rows)" -eq 1000 ]
	# some by themselves, the rest at once
	head -n 3 granted | while read -r r; do restored exact "$r"; done
	lxg-acl list | lxg-acl revoke > revoked
	[ "$(jq -r .restored revoked | sort | uniq -c | tr -d '\n ')" = \
	    997exact ]
	getfacl -np d/* | diff before -
	nothing_held
	# not enough descriptors is an error before anything is done
	run bash -c 'ulimit -n 100; lxg-acl grant < records'
	[ "$status" -eq 71 ]
	[[ $output == *"too many files at once"* ]]
	getfacl -np d/* | diff before -
}

@test "20 at once, on files of their own and on one that they share" {
	local i
	echo > shared
	chmod 640 shared
	for i in $(seq 20); do echo > "own$i"; done
	state shared own* > before
	one() {
		local r
		r=$(record "own$1"
		    record shared host_uid $((U + $1)) uuid "\"u-$1\"")
		for _ in 1 2 3; do
			lxg-acl grant <<<"$r" > "granted$1" || return
			acl shared | grep -q "^user:$((U + $1)):rw-" || return
			lxg-acl revoke < "granted$1" > "revoked$1" || return
		done
	}
	for i in $(seq 20); do
		one "$i" 2> "err$i" || echo "$i" >> failed &
	done
	wait
	[ ! -e failed ] || { cat err*; return 1; }
	cat err* | diff /dev/null -
	diff before <(state shared own*)
	nothing_held
}

@test "grant: what passes ACLs on and does not judge by them is refused" {
	cc -O2 -shared -fPIC -D_GNU_SOURCE -o statfs.so \
	    "$BATS_TEST_DIRNAME/statfs.c"
	mkdir d
	acl f >before
	for type in 65735546:FUSE f15f:eCryptfs 1021997:9p; do
		for file in f d; do
			run env STATFS="${type%:*}" LD_PRELOAD="$PWD/statfs.so" \
			    XDG_STATE_HOME="$PWD/state" lxg-acl grant \
			    <<<"$(record "$file")"
			[ "$status" = 77 ]
			[[ $output == *"on ${type#*:}, which does not judge"* ]]
		done
	done
	acl f | cmp - before
	[ "$(rows)" = 0 ]
}

@test "a folder that swaps its names under the grant: the victim stays" {
	local i status
	mkdir d
	echo > victim
	chmod 600 victim
	state victim > before
	echo > d/f
	r=$(record d/f)
	ln -s ../victim d/link
	ln victim d/hard
	mkdir d/sub
	(
		cd d || exit
		while [ ! -e ../stop ]; do
			for i in link hard sub; do
				mv -T f kept; mv -T "$i" f
				mv -T f "$i"; mv -T kept f
			done
		done
	) &
	for i in $(seq 100); do
		status=0
		lxg-acl grant <<<"$r" >/dev/null 2>err || status=$?
		case $status in
		0 | 1 | 75) ;;
		*) cat err; touch stop; return 1 ;;
		esac
		diff before <(state victim) || { touch stop; return 1; }
		lxg-acl revoke <<<"$r" >/dev/null
	done
	touch stop
	wait
	restored exact "$r" || restored gone "$r"
	diff before <(state victim)
}
