# The way back of copies that have met with something: a crash, a full disk, a
# user who went on meanwhile, a disk that is not there.
# shellcheck disable=SC2154 # of copy.sh and run
bats_require_minimum_version 1.5.0

load ../copy.sh

setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	unset XDG_STATE_HOME XDG_DATA_HOME LXG_HOME LXG_ENGINE LXG_PROJECT
	D=$HOME/work C=$HOME/.local/state/lxg/copies
	umask 077
	mkdir -p "$D" "$C" "$XDG_RUNTIME_DIR"
	cd "$D" || return
	lent
	printf 'a new and longer text\n' >maps/a.txt
}

# cut_short: the write-back was, and nothing had been written yet
cut_short() {
	cp maps/a.txt "$C/$NAME.snapshot"
	jq -c '.state = "writing"' record >new
	know new
}

back() {
	run --separate-stderr lxg-map del "$@" <record
}

# nothing is left of the copy
tidy() {
	[ "$status" = 0 ] || { echo "$status: $stderr"; return 1; }
	[ -z "$(ls -A maps)" ] && nothing_known
}

@test "-D after a write-back that was cut short leaves no torn original" {
	cut_short
	printf 'a ne' >a.txt
	back -D
	tidy
	[ "$(cat a.txt)" = 'a new and longer text' ]
	[ "$(cat a.lxg-conflict.txt)" = 'a ne' ]
}

@test "-D before anything was written leaves the original alone" {
	cut_short
	back -D
	tidy
	[ "$(cat a.txt)" = old ]
}

@test "what the disk has no room for is not begun" {
	run --separate-stderr strace -o trace -e inject=fallocate:error=ENOSPC \
	    lxg-map del <record
	[ "$status" = 75 ]
	[[ $stderr == *'No space left'* ]]
	[ "$(cat a.txt)" = old ]
	[ "$(row state)" = lent ]
	back
	tidy
	[ "$(cat a.txt)" = 'a new and longer text' ]
}

@test "what the user did to the original after a crash is not overwritten" {
	local options
	for options in '' -D; do
		lent
		printf 'a new and longer text\n' >maps/a.txt
		cut_short
		echo 'restored, and worked on for a day' >a.txt
		# shellcheck disable=SC2086 # none, or one
		back $options
		tidy
		[[ $stderr == *"$D/a.lxg-conflict.txt"* ]]
		[ "$(cat a.txt)" = 'a new and longer text' ]
		[ "$(cat a.lxg-conflict.txt)" = \
		    'restored, and worked on for a day' ]
		[ "$(jq -r .conflict <<<"$output")" = "$D/a.lxg-conflict.txt" ]
	done
}

@test "a write-back that was cut short before or behind it is no conflict" {
	cut_short
	back
	tidy
	[ "$(cat a.txt)" = 'a new and longer text' ]
	lent
	printf 'a new and longer text\n' | tee a.txt >maps/a.txt
	cut_short
	back
	tidy
	[ "$(echo a.*)" = a.txt ]
}

# away TEXT: nothing was taken, and this was said
away() {
	echo "$status: $stderr"
	[ "$status" = 75 ]
	[[ $stderr == *"$1"* ]]
	[ -n "$(row id)" ]
	[ ! -e a.lxg-conflict.txt ]
}

@test "a folder of copies that is not there has lost none" {
	mkdir disk
	mv maps disk
	back
	away "$D/maps/a.txt"
	mkdir maps
	mv uuid disk
	back
	away "$D/maps/a.txt"
	rmdir maps
	mv disk/* .
	back
	tidy
	[ "$(cat a.txt)" = 'a new and longer text' ]
}

@test "a copy is gone when its folder is there, and it is not in it" {
	rm maps/a.txt
	back
	tidy
	[[ $stderr == *'copy is gone'* ]]
	[ "$(cat a.txt)" = old ]
}

@test "a write-back is finished without the folder of copies" {
	cut_short
	mv maps away
	back
	away "$D/maps/a.txt"
	[ "$(cat a.txt)" = 'a new and longer text' ]
	[ "$(row state)" = lent ]
}

@test "what another instance has under the copy's name is its own" {
	local options
	echo u-2 >uuid
	back
	away "$D/maps/a.txt"
	# -D gives up what can't be reached
	back -D
	[ "$status" = 0 ]
	nothing_known
	[ "$(cat maps/a.txt)" = 'a new and longer text' ]
}

# elsewhere [FSID]: a.txt was on another file system when it was lent
elsewhere() {
	jq -c --arg fs "${1-7}" '.origin_dev = "1" | .origin_fs = $fs' \
	    record >new
	know new
}

@test "an original whose file system is not there is not gone" {
	rm a.txt
	elsewhere
	back
	away "$D"
	[ "$(cat maps/a.txt)" = 'a new and longer text' ]
	echo 'what lies below the mount point' >a.txt
	back
	away "$D"
	# and when it was being written back
	cp maps/a.txt "$C/$NAME.snapshot"
	jq -c '.state = "writing"' new >newer
	know newer
	back
	away "$D"
	[ "$(cat a.txt)" = 'what lies below the mount point' ]
	back -D
	[ "$status" = 75 ]
}

@test "a file system has other numbers after a boot" {
	rm a.txt
	elsewhere "$("$BATS_TEST_DIRNAME/../fsid")"
	back
	tidy
	[ "$(cat a.lxg-conflict.txt)" = 'a new and longer text' ]
}

@test "list -a tells what was cut short, and for how long" {
	[ "$(lxg-map list -a | jq -c '[.unfinished, .age]')" = '[null,null]' ]
	strace -o trace -e inject=ftruncate:signal=KILL lxg-map del <record ||
		[ "$?" = 137 ]
	[ "$(lxg-map list -a | jq -c '[.unfinished, .age < 60]')" = \
	    '[true,true]' ]
	back
	tidy
}

@test "what is saved by renaming at the last moment comes back as well" {
	echo saved >maps/.a.txt.new
	# between the last look at the copy and its end
	strace -o trace -P "$D/maps" \
	    -e inject=renameat,renameat2,unlinkat:delay_enter=2000000 \
	    lxg-map del <record 3>&- &
	until [ "$(cat a.txt)" = 'a new and longer text' ]; do sleep 0.02; done
	sleep 0.5
	mv maps/.a.txt.new maps/a.txt
	wait $!
	[ -z "$(ls -A maps)" ] && nothing_known
	[ "$(cat a.txt)" = saved ]
}

@test "killed with the copy moved aside: it is back, and what it became" {
	strace -o trace -P "$D" -e inject=unlinkat:signal=KILL lxg-map del \
	    <record || [ "$?" = 137 ]
	[ -e .taken-lxg-1 ]
	[ "$(cat a.txt)" = 'a new and longer text' ]
	echo later >.taken-lxg-1
	back
	tidy
	[ "$(cat a.txt)" = later ]
	[ ! -e .taken-lxg-1 ]
}

# meddle HOW SECONDS: a user's byte, so long after the write-back has begun, with
# all that it does to the original slowed down. held: by a program that has the
# file open; unleased: where the file system knows no leases
meddle() {
	local more=(-P "${C%/*}/state.db") slow=pread64,write,copy_file_range,fallocate,ftruncate,fsync
	lent
	printf 'a new and longer text\n' >maps/a.txt
	exec 8<>a.txt
	[ "$1" = held ] || exec 8<&-
	# what is between the look at a block and the write over it is the
	# kernel's to make short
	[ "$1" != unleased ] || {
		slow=${slow/write,/}
		more=(-e inject=fcntl:error=EINVAL)
	}
	strace -o trace -P "$D/a.txt" "${more[@]}" \
	    -e "inject=$slow:delay_enter=20000" \
	    lxg-map del <record >out 2>err 3>&- 8>&- &
	until [ -s trace ]; do sleep 0.01; done
	sleep "$2"
	if [ "$1" = held ]; then
		printf X | dd bs=1 seek=1 conv=notrunc status=none >&8
		exec 8<&-
	else
		printf X | timeout 30 dd of=a.txt bs=1 seek=1 conv=notrunc \
		    status=none
	fi
	wait $!
}

@test "what the user writes to the original meanwhile is not lost" {
	local at how
	for how in anew held unleased; do
		for at in 0 0.0{4,8} 0.{12..40..4}; do
			meddle "$how" "$at"
			grep -q X a.* && grep -q 'new and longer\|nXw and' a.* ||
			    { echo "$how $at"; cat err trace; return 1; }
		done
	done
}

# plainly COMMAND...: as one whom permissions bind, whoever runs the tests
plainly() {
	[ "$(id -u)" != 0 ] ||
	    set -- setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	"$@"
}

@test "an original that can't be written by now: the copy is kept beside it" {
	local kept=$D/in/a.lxg-conflict.txt mode
	# then nothing can be put beside it, either
	for mode in 700 500; do
		chmod -f 700 in || :
		rm -rf in
		mkdir in
		lent
		mv a.txt in
		jq -c --arg o "$D/in/a.txt" '.origin = $o' record >new
		mv new record
		know record
		printf 'a new and longer text\n' >maps/a.txt
		chmod 444 in/a.txt
		cp in/a.txt before
		chmod "$mode" in
		run --separate-stderr plainly lxg-map del <record
		tidy
		[[ $stderr == *"$D/in/a.txt: can't be written"*denied*"$kept"* ]]
		[ "$(jq -r .conflict <<<"$output")" = "$kept" ]
		[ "$(cat "$kept")" = 'a new and longer text' ]
		cmp in/a.txt before
		kept=$HOME/.local/state/lxg/kept/a.lxg-conflict.txt
	done
}

# no_noreplace COMMAND...: on a file system without that
no_noreplace() {
	strace -o trace -e inject=renameat2:error=EINVAL "$@"
}

@test "killed with the copy moved aside, where renaming replaces all there is" {
	local kind
	for kind in nothing file folder; do
		lent
		printf 'a new and longer text\n' >maps/a.txt
		strace -o trace -P "$D" -e inject=unlinkat:signal=KILL \
		    lxg-map del <record || [ "$?" = 137 ]
		[ -e .taken-lxg-1 ]
		case $kind in
		file)	echo saved >maps/a.txt ;;
		folder)	mkdir -p maps/a.txt/x ;;
		esac
		run --separate-stderr no_noreplace lxg-map del -f <record
		tidy
		[ ! -e .taken-lxg-1 ]
		[ "$kind" != file ] || [ "$(cat a.txt)" = saved ]
	done
}

@test "a folder with something in it in the place of a copy: -f and -D end" {
	local option
	for option in -f -D; do
		lent
		rm maps/a.txt
		mkdir -p maps/a.txt/x/y
		back
		[ "$status" = 75 ]
		[[ $stderr == *'no regular file'* ]]
		back "$option"
		tidy
		[ "$(cat a.txt)" = old ]
	done
}

@test "what can't be removed is named, and the loan ends" {
	lent
	rm maps/a.txt
	mkdir -p maps/a.txt/x
	# the container's user is no host user: what is closed stays closed
	run --separate-stderr strace -f -o trace -e inject=unlinkat:error=EACCES \
	    -P "$D/maps" -P "$D/maps/a.txt" lxg-map del -D <record
	[ "$status" = 0 ]
	[[ $stderr == *"can't be removed: $D/maps/a.txt"* ]]
	nothing_known
	[ -d maps/a.txt ]
}

@test "what failed is named by its file" {
	LXG_COPY_MAX=1 back
	[ "$status" = 75 ]
	[[ $stderr == *"box: $D/a.txt: larger than 1 bytes"* ]]
	[[ $(jq -r .error <<<"$output") == *"$D/a.txt"* ]]
}

# failing CALLS BEFORE AFTER THERE: del with each of these calls failing in turn
# (or every WALK_STEPth): nothing is lost, file and reason are named, and the
# next del makes good what was not
failing() {
	local call n status step=${WALK_STEP:-1}
	for call in $1; do
		for ((n = 1 + RANDOM % step; ; n += step)); do
			lent
			"$2"
			lxg-map list -a >/dev/null
			status=0
			strace -o trace -e "inject=$call:error=EIO:when=$n" \
			    lxg-map del <record >out 2>err || status=$?
			grep INJECTED trace >hit || break
			points=$((points + 1))
			if ! { sane && "$4" && back && tidy && "$3"; }; then
				echo "$status: $(cat hit err)"
				head a.* maps/* "$C"/*
				return 1
			fi
		done
	done
}

# sane: what failed is told, but for what could not be written there
sane() {
	case $status in
	0)	return ;;
	75)	[ "$(jq -r '.error // ""' out)" != '' ] || return ;;
	*)	[ "$status" = 74 ] || return ;;
	esac
	grep -q '^write([12],' hit || {
		grep -q 'Input/output\|disk I/O' err &&
		    grep -q 'a\.txt\|state\.db' err
	}
}

# content TEXT: is it in one of these files?
content() {
	cat ./a.* maps/* "$C"/*.snapshot "$C"/../kept/* 2>/dev/null |
	    grep -qF "$1"
}

@test "EIO at each write of del: nothing is lost" {
	local points=0
	ours() { printf 'a new and longer text\n' >maps/a.txt; }
	both() { ours; echo mine >a.txt; }
	ours_there() { content 'a new and longer text'; }
	both_there() { ours_there && content mine; }
	written() { [ "$(cat a.txt)" = 'a new and longer text' ]; }
	kept() { [ "$(cat a.txt)" = mine ] && ours_there; }
	failing 'write pwrite64 fsync fdatasync ftruncate fallocate
	    copy_file_range renameat renameat2 unlinkat' ours written ours_there
	failing 'write fsync copy_file_range linkat' both kept both_there
	[ "$points" -gt 4 ]
	echo "# an I/O error at each write of del: $points points" >&3
}
