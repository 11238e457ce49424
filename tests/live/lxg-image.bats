# lxg image: one image, made once, in the store of each engine.
# shellcheck disable=SC2034,SC2154 # of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

setup_file() {
	begin
	# of a run that was cut short
	for image in $(project=$T engine_api GET /1.0/images 2> /dev/null |
	    jq -r '.[] | sub("\\?.*"; "")'); do
		project=$T engine_api DELETE "$image" || :
	done
	engine_api DELETE "/1.0/projects/$T" 2> /dev/null || :
}

teardown_file() {
	finish
}

setup() {
	OUT=$BATS_TEST_TMPDIR
}

# the image that the alias stands for
target() {
	engine_api GET /1.0/images/aliases/lxg | jq -r .target
}

@test "image: what is there is not made again" {
	local began=$SECONDS
	lxg image > "$OUT/record"
	[ $((SECONDS - began)) -lt $((10 * WAIT_FACTOR)) ]
	[ "$(jq -r .image "$OUT/record")" = "$(target)" ]
	[ "$(jq -r '[.engine, .project, .alias] | join(" ")' "$OUT/record")" = \
	    "$LXG_ENGINE default lxg" ]
	lxg image | cmp - "$OUT/record"
}

@test "image: the store has one of ours, and its recipe is told" {
	recipe=$(lxg image | jq -r .recipe)
	[ "$(engine_api GET '/1.0/images?recursion=1' | jq -r '.[] |
	    .properties["lxg.recipe"] | select(.)')" = "$recipe" ]
}

@test "image: a store without it takes it from another one" {
	engine_api POST /1.0/projects '{"name": "'"$T"'", "config":
	    {"features.images": "true", "features.profiles": "false"}}'
	lxg -p "$T" image -n | jq -e '.dry_run and .image == ""'
	lxg -p "$T" image > "$OUT/record"
	image=$(jq -r .image "$OUT/record")
	[ "$image" = "$(target)" ]
	[ "$(project=$T target)" = "$image" ]
	(
		project=$T
		engine_api DELETE "/1.0/images/$image"
	)
	engine_api DELETE "/1.0/projects/$T"
}

@test "image: -n says what there is, and does nothing" {
	lxg image -n > "$OUT/record"
	jq -e .dry_run "$OUT/record"
	[ "$(jq -r .image "$OUT/record")" = "$(target)" ]
}

@test "image: lxg -n prints the command" {
	[ "$(lxg -n -E "$LXG_ENGINE" image -f)" = \
	    "lxg image -f -E $LXG_ENGINE" ]
}

@test "image: usage errors are 64" {
	for words in "-x" "operand" "-E" "-E nothing"; do
		# shellcheck disable=SC2086
		run lxg image $words
		[ "$status" = 64 ]
		[ -n "$output" ]
	done
}

@test "image: no engine is 69, with the sockets and the group" {
	run env LXD_DIR=/nonexistent INCUS_DIR=/nonexistent \
	    lxg -E incus image
	[ "$status" = 69 ]
	[[ $output == *"/nonexistent/unix.socket"*"group incus-admin"* ]]
	run lxg -E /nonexistent/socket image
	[ "$status" = 69 ]
	[[ $output == *"/nonexistent/socket"* ]]
}

@test "image: two engines and no choice is 78, with both named" {
	run env -u LXG_ENGINE lxg image
	[ "$status" = 78 ]
	[[ $output == *lxd*incus* ]]
}

@test "image: a full disk on standard output is 74" {
	run sh -c 'lxg image > /dev/full'
	[ "$status" = 74 ]
}

@test "image: a project that is not there is the engine's error" {
	run lxg -p no-such-project image
	[ "$status" = 1 ]
	[[ $output == *roject* ]]
}

@test "image: what boots from it is ready soon, has a network, lacks nothing" {
	jq -e '.user == "debian" and .uid == 1000 and .gid == 1000' record
	[ "$(inside systemctl is-system-running --wait)" = running ]
	[ "$(inside sh -c 'ls /etc/ssh/ssh_host_*_key')" = \
	    /etc/ssh/ssh_host_ed25519_key ]
	run ! inside grep -E 'WARN|ERROR' /var/log/cloud-init.log
	wait_until 60 inside apt-get -qq update
}

@test "image: a session waits for no cloud-init at a later boot" {
	inside sh -c 'cd /etc/systemd/system; mkdir cloud-init.service.d
	    printf "[Service]\nExecStartPre=sleep 600\n" > \
		cloud-init.service.d/slow.conf'
	lxg-instance stop "$T" > /dev/null
	lxg-instance start "$T" > record
	start true
	lxg-xpra attach < s > /dev/null
	wait_until 60 cloud_init_begins
}

cloud_init_begins() {
	[ "$(inside systemctl show -P ActiveState cloud-init)" = activating ]
}

@test "image: it speaks the user's language, and programs that come find icons" {
	printf '#cloud-config\nlocale: de_DE.UTF-8\n' > german.yaml
	drop_instance "$T-de"
	make_instance "$T-de" german.yaml > german
	exec_in "$T-de" 0 0 grep -qx LANG=de_DE.UTF-8 /etc/default/locale
	lxg-mount plan xpra < german | lxg-acl grant | lxg-mount add > /dev/null
	lxg-xpra start python3 -c 'import ctypes, locale, gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
locale.setlocale(locale.LC_ALL, "")
c = ctypes.CDLL(None)
c.dgettext.restype = ctypes.c_char_p
print(c.dgettext(b"gtk30", b"_Cancel").decode())' < german | lxg-xpra attach -O 5 5> said > /dev/null
	drop_instance "$T-de"
	grep -q Abbrechen said
	inside test -e /usr/share/icons/hicolor/index.theme
	inside sh -c 'ls /usr/lib/*/gdk-pixbuf-2.0/*/loaders/*svg*'
	run ! inside grep -r path-exclude /etc/dpkg
}
