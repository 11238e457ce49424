# Files lent as copies: written back, kept beside, left alone.
# shellcheck disable=SC2154,SC2016 # of env.sh and run; inside
bats_require_minimum_version 1.5.0

load ../env.sh
load ../exec.sh

I=$T-a

setup_file() {
	drop_instance "$I"
	make_instance "$I" >/dev/null
	lxg-instance get "$I" | lxg-mount plan maps | lxg-acl grant |
	    lxg-mount add >/dev/null
	# the host's own editor: the same Debian is inside
	wait_until 10 "$cli" file push --mode 755 --uid 0 --gid 0 "$(command -v vim.tiny)" \
	    "$I/usr/local/bin/vim"
}

teardown_file() {
	drop_instance "$I"
}

setup() {
	D=$HOME/work-$BATS_TEST_NUMBER
	M=$HOME/.local/share/lxg/$LXG_ENGINE/default/$I/maps
	rm -rf "$D"
	mkdir "$D"
	cd "$D" || return
	umask 077
	unset LXG_COPY_MAX
}

teardown() {
	cd "$HOME" || return
	lxg-instance get "$I" | lxg-map list | lxg-map del -D | lxg-acl revoke
	inside find . -mindepth 1 -delete
	rm -rf "$D"
} >/dev/null 2>&1

lend() {
	lxg-instance get "$I" | lxg-map plan -c "$@" | lxg-acl grant |
	    lxg-map add
}

back() {
	lxg-instance get "$I" | lxg-map list | lxg-map del "$@" |
	    lxg-acl revoke
}

inside() {
	user_in "$I" sh -c 'cd /home/debian/maps && "$@"' sh "$@"
}

# all but the content, which the tests look at themselves
look() {
	getfacl -n "$@"
	stat -c '%n %a %u %g %i' "$@"
}

# nothing of the copies is left: no file, no row, no snapshot
tidy() {
	[ -z "$(ls -A "$M")" ] && [ -z "$(row id)" ] &&
	    [ -z "$(ls -A "$HOME/.local/state/lxg/copies" 2>/dev/null)" ]
}

# row COLUMN: what the state has of the copies
row() {
	sqlite3 "$HOME/.local/state/lxg/state.db" "SELECT $1 FROM copy"
}

@test "a copy lies where the program may save as it likes" {
	echo text >a.txt
	lend a.txt >lent
	[ "$(jq -r '"\(.mode) \(.origin) \(.path) \(.source)"' lent)" = \
	    "copy $D/a.txt /home/debian/maps/a.txt $M/a.txt" ]
	[ "$(jq -r .ino lent)" = "$(stat -c %i "$M/a.txt")" ]
	[ "$(row origin_fs)" = \
	    "$("$BATS_TEST_DIRNAME/../fsid")" ]
	[ "$(inside cat a.txt)" = text ]
	[ "$(jq '[.devices[] | select(."user.lxg.mode")] | length' \
	    < <(engine_api GET "/1.0/instances/$I"))" = 0 ]
	lxg-instance get "$I" | lxg-map list |
	    jq -S -c 'del(.age)' | diff - <(jq -S -c 'del(.grant, .age)' lent)
	back >/dev/null
	tidy
}

@test "an unchanged copy leaves the original alone" {
	echo text >a.txt
	stat a.txt >before
	lend a.txt >/dev/null
	inside touch a.txt
	run --separate-stderr back
	[ "$stderr" = '' ]
	# reading it to compare is all that was done
	stat a.txt | grep -v ^Access: | diff <(grep -v ^Access: before) -
	tidy
}

@test "a changed one is written into the original's inode" {
	echo text >a.txt
	echo text >b.txt
	chmod 640 a.txt
	setfacl -m u:1:r,g:2:rw,m::r b.txt
	look a.txt b.txt >before
	lend a.txt b.txt >/dev/null
	inside sh -c 'echo longer than it was >a.txt; printf s >b.txt'
	run --separate-stderr back
	[ "$status" = 0 ]
	[[ $stderr == *"$D/a.txt: written back"* ]]
	[ "$(cat a.txt)" = 'longer than it was' ]
	[ "$(cat b.txt)" = s ]
	look a.txt b.txt | diff before -
	tidy
}

@test "vim, which saves by renaming, saves" {
	printf 'one\ntwo\n' >a.txt
	look a.txt >before
	lend a.txt >/dev/null
	before=$(stat -c %i "$M/a.txt")
	inside vim -u NONE -es -c 'set backupcopy=no writebackup' \
	    -c '%s/two/changed by vim/' -c wq a.txt
	# it did: else this would show nothing
	[ "$(stat -c %i "$M/a.txt")" != "$before" ]
	back 2>/dev/null >/dev/null
	[ "$(cat a.txt)" = $'one\nchanged by vim' ]
	look a.txt | diff before -
	tidy
}

@test "sed -i, which saves by renaming, saves" {
	printf 'one\ntwo\n' >a.txt
	look a.txt >before
	lend a.txt >/dev/null
	inside sed -i s/two/three/ a.txt
	back 2>/dev/null >/dev/null
	[ "$(cat a.txt)" = $'one\nthree' ]
	look a.txt | diff before -
	tidy
}

@test "the same vim finds another way on a file lent live" {
	printf 'one\ntwo\n' >a.txt
	look a.txt >before
	lxg-instance get "$I" | lxg-map plan a.txt | lxg-acl grant |
	    lxg-map add >/dev/null
	inside vim -u NONE -es -c '%s/two/three/' -c wq \
	    /home/debian/lent/a.txt
	back >/dev/null
	[ "$(cat a.txt)" = $'one\nthree' ]
	look a.txt | diff before -
}

@test "a program that has it open is named, and what it saves is waited for" {
	echo old >a.txt
	lend a.txt >lent
	# opened anew under its name, as a program does that saves by renaming
	inside sh -c 'cp a.txt b && mv b a.txt; (exec 9>>a.txt; sleep 97
	    echo more >&9) >/dev/null 2>&1 &'
	wait_until 20 root_in "$I" pgrep -x sleep
	lxg-map del -w <lent >out 2>err 3>&- &
	wait_until 20 grep -q "$D/a.txt: .*still has it" err
	[ "$(cat a.txt)" = old ]
	root_in "$I" pkill -x sleep
	wait $!
	[ "$(cat a.txt)" = 'old
more' ]
	tidy
}

@test "changed on both sides: both are kept, and it is said" {
	echo text >report.odt
	lend report.odt >/dev/null
	inside sh -c 'echo theirs >report.odt'
	echo mine >report.odt
	run --separate-stderr back
	[ "$status" = 0 ]
	[[ $stderr == *both*"$D/report.lxg-conflict.odt"* ]]
	[ "$(jq -r .conflict <<<"$output")" = "$D/report.lxg-conflict.odt" ]
	[ "$(cat report.odt)" = mine ]
	[ "$(cat report.lxg-conflict.odt)" = theirs ]
	[ "$(stat -c %a report.lxg-conflict.odt)" = 600 ]
	tidy
	# and once more: the first one is not overwritten
	lend report.odt >/dev/null
	inside sh -c 'echo again >report.odt'
	echo mine2 >report.odt
	back >/dev/null 2>&1
	[ "$(cat report.lxg-conflict.odt report.lxg-conflict-2.odt)" = \
	    $'theirs\nagain' ]
}

@test "changed here alone: the copy goes, the change stays" {
	echo text >a.txt
	lend a.txt >/dev/null
	echo mine >a.txt
	run --separate-stderr back
	[ "$stderr" = '' ]
	[ "$(cat a.txt)" = mine ]
	[ "$(ls)" = a.txt ]
	tidy
}

@test "the original saved by renaming meanwhile is not overwritten" {
	echo text >a.txt
	lend a.txt >/dev/null
	inside sh -c 'echo theirs >a.txt'
	sed -i s/text/mine/ a.txt
	run --separate-stderr back
	[ "$status" = 0 ]
	[ "$(cat a.txt a.lxg-conflict.txt)" = $'mine\ntheirs' ]
	tidy
}

@test "the original is gone: the changed copy is kept" {
	echo text >a.txt
	lend a.txt >/dev/null
	inside sh -c 'echo theirs >a.txt'
	rm a.txt
	run --separate-stderr back
	[ "$status" = 0 ]
	[ "$(cat a.lxg-conflict.txt)" = theirs ]
	tidy
}

@test "the copy is gone: the original is never emptied" {
	echo text >a.txt
	lend a.txt >/dev/null
	inside rm a.txt
	run --separate-stderr back
	[ "$status" = 0 ]
	[[ $stderr == *'copy is gone'* ]]
	[ "$(cat a.txt)" = text ]
	tidy
}

@test "an emptied copy empties the original, for that was saved" {
	echo text >a.txt
	lend a.txt >/dev/null
	inside sh -c ': >a.txt'
	back >/dev/null 2>&1
	[ ! -s a.txt ]
}

@test "a file that the program closed to others comes back all the same" {
	echo text >a.txt
	lend a.txt >/dev/null
	inside sh -c 'rm a.txt; echo closed >a.txt; chmod 600 a.txt'
	run cat "$M/a.txt"
	[ "$status" != 0 ]
	back >/dev/null 2>&1
	[ "$(cat a.txt)" = closed ]
	tidy
}

@test "-D discards what was changed" {
	echo text >a.txt
	lend a.txt >/dev/null
	inside sh -c 'echo theirs >a.txt'
	back -D >/dev/null
	[ "$(cat a.txt)" = text ]
	tidy
}

@test "-r: it can't be written inside, and is never written back" {
	echo text >a.txt
	lend -r a.txt >/dev/null
	run inside sh -c 'echo x >a.txt'
	[ "$status" != 0 ]
	inside sh -c 'rm a.txt; echo x >a.txt'
	run --separate-stderr back
	[[ $stderr == *'reading only'* ]]
	[ "$(cat a.txt)" = text ]
	tidy
}

@test "names: two of one name, one that lies there already" {
	mkdir a b
	echo a >a/x.txt
	echo b >b/x.txt
	inside sh -c 'echo mine >x.txt'
	[ "$(lend a/x.txt b/x.txt | jq -r .path | sed 's,.*/,,')" = \
	    $'x-2.txt\nx-3.txt' ]
	inside sed -i s/b/changed/ x-3.txt
	back >/dev/null 2>&1
	[ "$(cat a/x.txt b/x.txt)" = $'a\nchanged' ]
	[ "$(inside cat x.txt)" = mine ]
}

@test "what lies where others may write can be lent as a copy" {
	mkdir open
	chmod 777 open
	echo text >open/a.txt
	lend open/a.txt >/dev/null
	inside sed -i s/text/changed/ a.txt
	back >/dev/null 2>&1
	[ "$(cat open/a.txt)" = changed ]
}

@test "given twice, taken twice; otherwise than before is 73" {
	echo text >a.txt
	lend a.txt >lent
	lend a.txt | jq -S -c 'del(.age)' | diff - <(jq -S -c 'del(.age)' lent)
	run --separate-stderr lend -r a.txt
	[ "$status" = 73 ]
	[ "$(ls "$M")" = a.txt ]
	lxg-map del <lent >/dev/null
	lxg-map del <lent >/dev/null
	tidy
}

@test "all or nothing: one that has changed since the plan keeps all" {
	echo x >x
	echo y >y
	lxg-instance get "$I" | lxg-map plan -c x y >planned
	mv y old
	echo z >y
	run --separate-stderr lxg-map add <planned
	[ "$status" = 75 ]
	tidy
	# live ones and copies are one batch
	rm y
	mv old y
	lxg-instance get "$I" | lxg-map plan x >>planned
	mv x old
	cp old x
	run --separate-stderr lxg-map add <planned
	[ "$status" = 75 ]
	tidy
	# what nobody was told of goes, what was lent before stays
	lend y >lent
	lxg-instance get "$I" | lxg-map plan -c x y >planned
	run --separate-stderr sh -c 'lxg-map add <planned >/dev/full'
	[ "$status" = 74 ]
	[ "$(ls "$M")" = y ]
	[ "$(row origin)" = "$D/y" ]
}

@test "a file larger than LXG_COPY_MAX is neither lent nor taken" {
	head -c 5000 /dev/zero >a.txt
	LXG_COPY_MAX=4999 run --separate-stderr lend a.txt
	[ "$status" = 65 ]
	[[ $stderr == *4999* ]]
	tidy
	LXG_COPY_MAX=5000 lend a.txt >/dev/null
	inside sh -c 'echo x >>a.txt'
	LXG_COPY_MAX=5000 run --separate-stderr back
	[ "$status" = 75 ]
	[[ $stderr == *'larger than 5000'* ]]
	[ "$(wc -c <a.txt)" = 5000 ]
	back >/dev/null 2>&1
	[ "$(wc -c <a.txt)" = 5002 ]
	LXG_COPY_MAX=much run --separate-stderr lend a.txt
	[ "$status" = 78 ]
}

@test "recover goes on with a write-back that was cut short" {
	echo text >a.txt
	lend a.txt >lent
	inside sh -c 'echo changed >a.txt'
	strace -o trace -e inject=ftruncate:signal=KILL lxg-map del <lent ||
		[ "$?" = 137 ]
	run lxg recover
	[ "$status:$output" = 0: ]
	lxg-map list -a | jq -e .unfinished
	run --separate-stderr lxg recover -f
	[ "$status" = 0 ]
	[[ $output == *'cut short'* ]]
	[ "$(cat a.txt)" = changed ]
	tidy
}

@test "what recover can't take back: the way out that it names is of that alone" {
	echo text >a.txt
	echo text >b.txt
	lend a.txt b.txt >lent
	inside sh -c 'echo changed >a.txt; echo changed >b.txt'
	strace -o trace -e inject=ftruncate:signal=KILL lxg-map del <lent ||
		[ "$?" = 137 ]
	LXG_COPY_MAX=1 run --separate-stderr lxg recover -f
	[ "$status" = 75 ]
	[[ $stderr =~ \((lxg-map\ list.*)\ gives\ it\ up\) ]]
	eval "${BASH_REMATCH[1]}" >up
	[ "$(wc -l <up)" = 1 ]
	[ "$(lxg-map list -a | jq -r .origin)" = \
	    "$(jq -r .origin lent | grep -vxF "$(jq -r .origin up)")" ]
	lxg-map list -a | lxg-map del | lxg-acl revoke >/dev/null
	tidy
}

@test "a copy that was renamed inside keeps its name: no other file gets what is under it" {
	mkdir -p p q
	echo one >p/report.odt
	echo two >q/report.odt
	lend p/report.odt >one
	inside mv report.odt final.odt
	lend q/report.odt >two
	[ "$(jq -r .source one)" != "$(jq -r .source two)" ]
	inside sh -c 'echo changed >"$1"' sh "$(jq -r .path two)"
	run --separate-stderr lxg-map del <one
	[[ $stderr == *'the copy is gone'* ]]
	[ "$(cat p/report.odt)" = one ]
	lxg-map del <two | lxg-acl revoke >/dev/null
	[ "$(cat q/report.odt)" = changed ]
	inside rm final.odt
	tidy
}

@test "what was removed inside can be lent again" {
	echo text >a.txt
	lend a.txt >lent
	inside rm a.txt
	lend a.txt >/dev/null
	inside sh -c 'grep -qx text a.txt && echo changed >a.txt'
	back >/dev/null 2>&1
	[ "$(cat a.txt)" = changed ]
	tidy
}

@test "a signal in the middle of a write-back leaves no torn original" {
	echo text >a.txt
	lend a.txt >lent
	inside sh -c 'echo changed >a.txt'
	code=0
	strace -o trace -e inject=ftruncate:signal=TERM lxg-map del <lent ||
		code=$?
	[ "$code" = 143 ]
	[ "$(cat a.txt)" = changed ]
	lxg-map list -a | jq -e '.unfinished | not'
	back >/dev/null 2>&1
	tidy
}

@test "a write-back that was cut short goes on where nothing can be put beside it" {
	mkdir -p closed
	echo text >closed/a.txt
	lend closed/a.txt >lent
	inside sh -c 'echo changed >a.txt'
	strace -o trace -e inject=ftruncate:signal=KILL lxg-map del <lent ||
		[ "$?" = 137 ]
	echo torn >closed/a.txt
	chmod 555 closed
	run --separate-stderr back
	chmod 755 closed
	[ "$status" = 0 ]
	kept=$HOME/.local/state/lxg/kept/a.lxg-conflict.txt
	[[ $stderr == *"$kept"* ]]
	[ "$(cat "$kept")" = torn ]
	[ "$(cat closed/a.txt)" = changed ]
	rm -r "${kept%/*}"
	tidy
}

@test "recover takes back a copy whose lending was cut short" {
	echo text >a.txt
	lxg-instance get "$I" | lxg-map plan -c a.txt >planned
	strace -o trace -e inject=fsetxattr:signal=KILL lxg-map add <planned ||
		[ "$?" = 137 ]
	[ -e "$M/a.txt" ]
	run --separate-stderr lxg recover -f
	[ "$status" = 0 ]
	[[ $output == *'cut short'* ]]
	[ "$(cat a.txt)" = text ]
	tidy
	# what has its name by then is the instance's
	strace -o trace -e inject=fsetxattr:signal=KILL lxg-map add <planned ||
		[ "$?" = 137 ]
	inside sh -c 'rm -f a.txt; echo theirs >a.txt'
	run --separate-stderr lxg recover -f
	[ "$status" = 0 ]
	[ "$(inside cat a.txt)" = theirs ]
	inside rm a.txt
	tidy
}

@test "copies of an instance that is gone come back by list -a" {
	make_instance "$T-b" >/dev/null
	lxg-instance get "$T-b" | lxg-mount plan maps | lxg-acl grant |
	    lxg-mount add >/dev/null
	echo text >a.txt
	lxg-instance get "$T-b" | lxg-map plan -c a.txt | lxg-map add >lent
	user_in "$T-b" sh -c 'echo changed >/home/debian/maps/a.txt'
	timeout 60 "$cli" delete -f "$T-b" 3>&-
	lxg-map list -a | jq -c --arg i "$T-b" 'select(.instance == $i)' >all
	[ "$(jq -r .device all)" = "$(jq -r .device lent)" ]
	lxg-map del <all >/dev/null 2>&1
	[ "$(cat a.txt)" = changed ]
	[ "$(lxg-map list -a)" = '' ]
	lxg-acl list | jq -c --arg i "$T-b" 'select(.instance == $i)' |
	    lxg-acl revoke >/dev/null
	rm -r "${M%/*/*}/$T-b"
	drop_instance "$T-b"
}

@test "a folder with a closed one in it in the place of a copy: -D and delete -f end" {
	local folder=${M%/*/*}/$T-b
	make_instance "$T-b" >/dev/null
	lxg-instance get "$T-b" | lxg-mount plan share maps | lxg-acl grant |
	    lxg-mount add >/dev/null
	echo text >a.txt
	echo text >b.txt
	for n in 1 2; do
		lxg-instance get "$T-b" | lxg-map plan -c a.txt b.txt |
		    lxg-map add >/dev/null
		# by the user, and by root
		user_in "$T-b" sh -c 'cd /home/debian/maps; rm a.txt
		    mkdir -p a.txt/x/y; chmod 0 a.txt/x a.txt'
		root_in "$T-b" sh -c 'cd /home/debian/maps; rm b.txt
		    mkdir -p b.txt/x/y; chmod 0 b.txt/x b.txt'
		run lxg unmap "$T-b"
		[ "$status" = 75 ]
		case $n in
		1)	run --separate-stderr lxg unmap -D "$T-b" ;;
		2)	run --separate-stderr lxg delete -f "$T-b" ;;
		esac
		[ "$status" = 0 ] || { echo "$n: $status: $stderr"; return 1; }
		[ "$(cat a.txt b.txt)" = $'text\ntext' ]
		[ -z "$(row id)" ]
		[ "$n" = 2 ] || [ -z "$(ls -A "$folder/maps")" ]
	done
	[ ! -e "$folder" ]
}

@test "delete -f keeps a copy that can't be written back, and says where" {
	local folder=${M%/*/*}/$T-b
	make_instance "$T-b" >/dev/null
	lxg-instance get "$T-b" | lxg-mount plan share maps | lxg-acl grant |
	    lxg-mount add >/dev/null
	echo text >a.txt
	echo text >b.txt
	lxg-instance get "$T-b" | lxg-map plan -c a.txt b.txt | lxg-map add \
	    >lent
	user_in "$T-b" sh -c 'cd /home/debian/maps
	    echo changed >a.txt; echo changed >b.txt; echo x >../share/x'
	timeout 60 "$cli" delete -f "$T-b" 3>&-
	for n in 1 2; do
		LXG_COPY_MAX=1 run --separate-stderr lxg delete -f "$T-b"
		[ "$status" = 75 ] || { echo "$n: $status: $stderr"; return 1; }
		[[ $stderr == *"a.txt"*"$folder/maps/a.txt"* ]]
		[ "$(cat a.txt b.txt "$folder/maps/"*)" = \
		    $'text\ntext\nchanged\nchanged' ]
	done
	[ ! -e "$folder/share" ]
	chmod 400 a.txt
	lxg delete -f "$T-b"
	# what can't be written any more gets the copy beside it
	[ "$(cat b.txt a.txt a.lxg-conflict.txt)" = $'changed\ntext\nchanged' ]
	[ ! -e "$folder" ]
}
