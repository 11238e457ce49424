#!/usr/bin/env bats
# A recipe by its name, from create to its window, and all of them as
# cloud-init reads them. SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2034,SC2154 # text for a shell inside; env.sh
# bats file_tags=once
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

RECIPES=$LXG_STAGE/usr/share/lxg/cloud-config

setup_file()
{
	export XDG_CONFIG_HOME=$HOME/.config
	drop_instance "$T"
	rm -rf .local .config
	mkdir -p .config/lxg/cloud-config
	# the installed one, by a name that no other test has
	ln -s "$RECIPES/evince.yaml" ".config/lxg/cloud-config/$T.yaml"
	lxg create "$T" "$T" updates printing
	lxg-instance get "$T" > record
	host_display "$HOME"
}

teardown_file()
{
	finish
}

setup()
{
	client=''
}

teardown()
{
	over
}

# attach_it: by the glue, until a window is there
attach_it()
{
	lxg attach "$T" > out 2> err 3>&- &
	client=$!
	wait_until 60 shown || { cat err >&2; return 1; }
}

# drawn: has the display more colours than the one behind it and a border's?
drawn() { [ "$(import -window root png:- | identify -format %k -)" -gt 20 ]; }
sessions() { lxg-xpra list < record | jq -r '.session // empty'; }

@test "recipe: a part beside it; updates come by themselves" {
	local timer
	inside apt-config dump | grep -q '^APT::Periodic::Unattended-Upgrade "1"'
	inside test -x /usr/bin/unattended-upgrade
	for timer in apt-daily apt-daily-upgrade; do
		[ "$(inside systemctl is-active "$timer.timer")" = active ]
		[ "$(inside systemctl is-enabled "$timer.timer")" = enabled ]
	done
}

@test "recipe: its network was for the installation, and stays away" {
	[ "$(inside ls /sys/class/net)" = lo ]
	[[ "$(lxg explain "$T")" != *network* ]]
	inside test -x /usr/bin/evince
	lxg create "$T" "$T" updates printing
	lxg stop "$T"
	lxg-instance start "$T" > record
	[ "$(inside ls /sys/class/net)" = lo ]
	run -73 lxg create "$T" evince chinese
}

@test "recipe: attach alone starts its program, and then finds it again" {
	attach_it
	wait_until 60 drawn
	session=$(sessions)
	detach
	attach_it
	[ "$(sessions)" = "$session" ]
	[ "$(lxg-xpra list < record | jq -c .command)" = '["evince"]' ]
}

@test "recipe: a page comes out of the host's printer, whichever session it is" {
	local queue
	mkdir -p bin
	printf '#!/bin/sh\n{ printf "%%s|" "$@"; head -c 5; } > "%s/job"
	    mv "%s/job" "%s/printed"\n' "$HOME" "$HOME" "$HOME" > bin/lp
	chmod 755 bin/lp
	PATH=$HOME/bin:$PATH
	# the printer of a session that was stopped stays, and is the next one's
	for queue in new old; do
		rm -f printed
		attach_it
		wait_until 60 inside lpstat -p host
		[ "$queue" = new ] || wait_until 20 grep_log 'duplicate printer'
		exec_in "$T" 1000 1000 sh -c \
		    'echo hello | lp -d host -t "my letter"'
		wait_until 60 test -e printed
		[ "$(cat printed)" = "-t|[$T] my letter|%PDF-" ]
		lxg stop "$T"
	done
}

grep_log() { lxg logs "$T" | grep -q "$1"; }

@test "recipe: what set says is its program" {
	lxg set "$T" 'command=sh -c true'
	run -0 lxg attach "$T"
	lxg set "$T" command=
	policy command=nosuchprogram
	run -127 lxg attach "$T"
	policy command=
}

@test "recipe: all of them are as cloud-init's schema has it" {
	printf '#cloud-config\npackages: 1\n' > "$SHARE/bad.yaml"
	cp "$RECIPES"/*.yaml "$SHARE/"
	# the share is the login user's, and the schema root's to look up
	exec_in "$T" 1000 1000 sh -ec 'mkdir /tmp/recipes
	    cp "$1"/share/*.yaml /tmp/recipes/' sh "$(jq -r .home record)"
	run inside cloud-init schema -c /tmp/recipes/bad.yaml
	[ "$status" != 0 ]
	[[ "$output" == *packages* ]]
	inside sh -ec 'cd /tmp/recipes; rm bad.yaml; for file in *.yaml; do
	    cloud-init schema -c "$file"; done'
}

# vendor FOLDER PACKAGE LISTS INDEX: makes a repository of that package, and of
# one that would replace Debian's; its Release is in LISTS, Packages in INDEX there
vendor()
{
	local name deb root=$BATS_TEST_TMPDIR/root list=$1/$3/$4Packages
	mkdir -p "$(dirname "$list")"
	for name in "$2" base-files; do
		mkdir -p "$root/$name/DEBIAN"
		printf '%s\n' "Package: $name" 'Version: 99:1' \
		    'Architecture: all' 'Maintainer: nobody <nobody@localhost>' \
		    'Description: stands in' > "$root/$name/DEBIAN/control"
		deb=$1/$name.deb
		dpkg-deb -b --root-owner-group "$root/$name" "$deb" > /dev/null
		cat "$root/$name/DEBIAN/control"
		printf '%s\n' "Filename: ./$name.deb" "Size: $(stat -c %s "$deb")" \
		    "SHA256: $(sha256sum < "$deb" | cut -d ' ' -f 1)" ''
	done > "$list"
	printf '%s\n' 'Suite: jessie' "Architectures: all $(dpkg \
	    --print-architecture)" 'Components: main' "Date: $(LC_ALL=C date -Ru)" \
	    'SHA256:' " $(sha256sum < "$list" | cut -d ' ' -f 1) $(stat -c %s \
	    "$list") $4Packages" > "$BATS_TEST_TMPDIR/Release"
	sign vendor "$1/$3"
}

# sign WHO LISTS: with that key
sign()
{
	gpg -q --batch --yes -u "$1" --clearsign -o "$2/InRelease" \
	    "$BATS_TEST_TMPDIR/Release"
}

# key NAME: makes one, and prints its fingerprint
key()
{
	gpg -q --batch --passphrase '' --quick-gen-key "$1" ed25519 sign never
	gpg --with-colons -k "$1" | sed -n '/^fpr/ { s/.*:\([0-9A-F]*\):/\1/p; q; }'
}

# follow RECIPE FINGERPRINT: what it runs, but of the vendor that stands in
follow()
{
	sed "s|https://[a-z.]*\\.io/|http://127.0.0.1:8042/|
	    s|\\<[0-9A-F]\\{40\\}\\>|$2|" "$RECIPES/$1.yaml" > "$SHARE/$1.yaml"
	[ "$(grep -c '^    - http://127' "$SHARE/$1.yaml")" = 2 ]
	inside python3 -c 'import subprocess, sys, yaml
text = subprocess.check_output(["runuser", "-u", "debian", "cat", sys.argv[1]])
for run in yaml.safe_load(text)["runcmd"]:
    sys.exit(subprocess.run(run).returncode)' \
	    "$(jq -r .home record)/share/$1.yaml"
}

installed() { inside dpkg-query -W -f '${db:Status-Status}' "$1" 2>&1; }

@test "recipe: a vendor's repository, with the key of that fingerprint alone" {
	local right wrong slack
	export GNUPGHOME=$BATS_TEST_TMPDIR/gnupg
	mkdir -m 700 "$GNUPGHOME"
	right=$(key vendor) wrong=$(key other)
	# what an earlier try left
	rm -rf "$SHARE/vendor"
	inside sh -c 'systemctl stop vendor; dpkg -P slack-desktop typora
	    cd /etc/apt; rm -f */slack-desktop* */typora*
	    echo force-unsafe-io > /etc/dpkg/dpkg.cfg.d/test' > /dev/null 2>&1
	slack=$SHARE/vendor/slacktechnologies/slack
	vendor "$slack/debian" slack-desktop dists/jessie "main/binary-$(dpkg \
	    --print-architecture)/"
	gpg --armor --export vendor > "$slack/gpgkey"
	inside systemd-run -q --uid=1000 --unit=vendor -p "WorkingDirectory=$(
	    jq -r .home record)/share/vendor" python3 -m http.server \
	    --bind 127.0.0.1 8042
	wait_until 30 inside sh -c 'ss -Hltn sport = 8042 | grep -q .'

	# none, and another's: refused
	run -1 follow slack FINGERPRINT
	[[ "$output" == *'no fingerprint of a key'* ]]
	run ! follow slack "$wrong"
	[[ "$output" == *"not signed"* ]]
	# a ring that has both, where the other has signed
	sign other "$slack/debian/dists/jessie"
	gpg --armor --export vendor other > "$slack/gpgkey"
	run ! follow slack "$right"
	[[ "$output" == *"not signed"* ]]
	# what is not what was signed
	sign vendor "$slack/debian/dists/jessie"
	cp "$slack/debian/slack-desktop.deb" "$BATS_TEST_TMPDIR/"
	printf x | dd of="$slack/debian/slack-desktop.deb" bs=1 seek=100 \
	    conv=notrunc status=none
	run ! follow slack "$right"
	[[ "$output" == *'Hash Sum mismatch'* ]]
	[[ "$(installed slack-desktop)" != installed ]]

	cp "$BATS_TEST_TMPDIR/slack-desktop.deb" "$slack/debian/"
	follow slack "$right"
	[ "$(installed slack-desktop)" = installed ]
	vendor "$SHARE/vendor/linux" typora . ''
	gpg --export vendor > "$SHARE/vendor/typora.gpg"
	follow typora "$right"
	[ "$(installed typora)" = installed ]
	# the rest of the system is Debian's
	run -0 inside apt-get -s install base-files
	[[ "$output" != *99:1* ]]
	inside systemctl stop vendor
	gpgconf --kill all
}
