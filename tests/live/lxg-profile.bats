# lxg-profile on a real engine: put and del, what others changed, the network,
# and what cloud-init makes of the user-data.
# shellcheck disable=SC2034,SC2154 # of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh

case $LXG_ENGINE in
incus) cli=incus devlxd=security.guestapi ;;
*) cli=lxc devlxd=security.devlxd ;;
esac

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	P=$T-$BATS_TEST_NUMBER
}

teardown() {
	for i in "$P-a" "$P-b"; do
		drop_instance "$i"
	done
	$cli profile delete "$P"
	$cli profile delete --project "$P" "$P"
	$cli project delete "$P" || :
} >/dev/null 2>&1 3>&-

# The profile as the engine has it.
there() {
	engine_api GET "/1.0/profiles/${1:-$P}"
}

# fails CODE TEXT COMMAND...
fails() {
	local code=$1 text=$2
	shift 2
	run --separate-stderr "$@"
	[ "$status" -eq "$code" ] || { echo "$status: $stderr"; return 1; }
	# shellcheck disable=SC2154 # run sets it
	[[ $stderr == *"$text"* ]] || { echo "$stderr"; return 1; }
}

# The bridge that the default profile is connected to.
bridge() {
	there default | jq -r '.devices[] | select(.type == "nic").network'
}

@test "profile: put makes what show prints, on the default profile's network" {
	printf '#!/bin/sh\n' >script
	lxg-profile put "$P" script >record
	diff <(jq -c . record) <(jq -nc --arg p "$P" --arg e "$LXG_ENGINE" \
	    --arg s "$socket" \
	    '{engine: $e, api: $s, project: "default", profile: $p}')
	lxg-profile show "$P" script | jq -S --arg d "$devlxd" \
	    --arg n "$(bridge)" '.config[$d] = .config["security.devlxd"]
		| if $d != "security.devlxd" then
			del(.config["security.devlxd"]) else . end
		| .devices.eth0 += {name: "eth0", network: $n}' >want
	there | jq -S 'del(.used_by, .project, .config["user.lxg.put"])' >got
	diff want got
}

@test "profile: put again changes nothing; -n neither" {
	fails 0 '' lxg-profile put -n "$P"
	[ "$(jq .dry_run <<<"$output")" = true ]
	run ! there
	lxg-profile put "$P"
	was=$(there)
	lxg-profile put "$P"
	[ "$(there)" = "$was" ]
	lxg-profile put -n -k user.a=b "$P"
	lxg-profile del -n "$P"
	[ "$(there)" = "$was" ]
	# our own newer wish is no conflict
	lxg-profile put -k user.a=b "$P"
	[ "$(there | jq -r '.config["user.a"]')" = b ]
	lxg-profile put "$P"
	[ "$(there)" = "$was" ]
}

@test "profile: changed by other hands: 73 and the key's name, but for -f" {
	lxg-profile put "$P"
	$cli profile set "$P" user.lxg.audio=both
	$cli profile device set "$P" eth0 limits.max=1Mbit
	was=$(there)
	fails 73 'changed by other hands' lxg-profile put "$P"
	[[ $stderr == *"differing: key user.lxg.audio, device eth0"* ]]
	[ -z "$output" ]
	fails 73 'key user.lxg.audio' lxg-profile put -n "$P"
	[ "$(there)" = "$was" ]
	lxg-profile put -f "$P"
	[ "$(there | jq -r '.config["user.lxg.audio"]')" = off ]
	# one that lxg did not make; the same content is no conflict
	$cli profile delete "$P"
	$cli profile create "$P"
	fails 73 'not put by lxg-profile' lxg-profile put "$P"
	lxg-profile put -f "$P"
	there | jq 'del(.config["user.lxg.put"])' |
	    $cli query -X PUT -d "$(cat)" "/1.0/profiles/$P"
	lxg-profile put "$P"
	there | jq -e '.config["user.lxg.put"]'
}

@test "profile: what is changed back is lxg's own again" {
	lxg-profile put "$P"
	$cli profile set "$P" user.lxg.audio=both
	$cli profile set "$P" user.lxg.audio=off
	lxg-profile put -b desktop "$P"
	[ "$(there | jq -r '.config["user.lxg.audio"]')" = out ]
}

@test "profile: many at once put the same profile, none fails" {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		lxg-profile put "$P" >"o$i" 2>&1 3>&- || echo "$i" >>failed &
	done
	wait
	cat o*
	[ ! -e failed ]
	there
}

@test "profile: del is done when it is gone; one in use is told" {
	lxg-profile put "$P"
	$cli init --empty "$P-a" -p default -p "$P"
	fails 75 "$P: " lxg-profile del "$P-none" "$P"
	jq -se --arg p "$P" '(.[0].profile == $p + "-none")
		and (.[0] | has("error") | not)
		and .[1].profile == $p and .[1].error != null' <<<"$output"
	there
	$cli delete "$P-a"
	lxg-profile del "$P"
	fails 0 '' lxg-profile del "$P"
	[ "$(jq -r .profile <<<"$output")" = "$P" ]
	run ! there
}

@test "profile: what the engine refuses, in its own words" {
	fails 65 'security.frob' lxg-profile put -k security.frob=1 "$P"
	fails 65 'Unsupported device type' lxg-profile put -k devices.x.type=frob "$P"
	fails 1 'no project no-such-project' \
	    lxg-profile put -p no-such-project "$P"
	run ! there
}

@test "profile: the nics of a project's default profile, whatever their names" {
	$cli project create "$P" -c features.images=false -c features.profiles=true
	lxg-profile put -p "$P" "$P" 2>said
	$cli profile show --project "$P" "$P" >shown
	run ! grep 'type: nic' shown
	$cli profile device add --project "$P" default lan nic \
	    network="$(bridge)" name=eth0
	$cli profile device add --project "$P" default wan nic \
	    nictype=bridged parent="$(bridge)"
	lxg-profile put -p "$P" "$P" 2>said
	$cli query "/1.0/profiles/$P?project=$P" |
	    jq -e --arg n "$(bridge)" '(.devices | keys == ["lan", "wan"])
		and .devices.lan.network == $n
		and .devices.wan.parent == $n
		and ([.devices[]["security.mac_filtering"]]
		    == ["true", "true"])
		and ([.devices[]["security.port_isolation"]]
		    == ["true", "true"])
		and .devices.lan["security.ipv4_filtering"] == "true"
		and (.devices.wan | has("security.ipv4_filtering") | not)'
	grep 'wan: its network is not' said
}

@test "profile: cloud-init runs each part, in order, and has its bytes" {
	printf '#cloud-config\nlocale: false\nwrite_files:\n%s%s' \
	    $'- path: /root/config\n  content: |\n' \
	    $'    h\303\244 \360\237\220\243\n' >1.yaml
	mkdir d
	printf '#!/bin/sh\necho z >>/root/order' >z.sh
	printf '#!/bin/sh\necho d/z >>/root/order\n\n' >d/z.sh
	printf '#!/bin/sh\r\necho "a \303\244" >>/root/order\r\n' >a.sh
	printf '#cloud-boothook\n#!/bin/sh\necho hook >/root/hook\n' >h
	set -- 1.yaml z.sh d/z.sh a.sh h
	lxg-profile put "$P" "$@"
	$cli launch lxg "$P-a" -p default -p "$P" 3>&-
	timeout 120 $cli exec "$P-a" -- cloud-init status --wait
	exec_in "$P-a" 0 0 cat /root/config /root/order /root/hook >got
	printf 'h\303\244 \360\237\220\243\nz\nd/z\na \303\244\nhook\n' >want
	diff want got
	# its own parser, on what it was given
	exec_in "$P-a" 0 0 python3 -c '
import base64, sys
from cloudinit import handlers, user_data
class Paths:
    def get_ipath_cur(self, name):
        return "/run"
user_data.util.fetch_ssl_details = lambda paths: None
with open("/var/lib/cloud/instance/user-data.txt", "rb") as f:
    message = user_data.UserDataProcessor(Paths()).process(f.read())
def part(data, name, payload, headers):
    data = payload.encode("utf-8", "surrogateescape")
    print(base64.b64encode(data).decode())
handlers.walk(message, part, None)' >got
	for f; do
		base64 -w 0 <"$f"
		echo
	done >want
	diff want got
}

# bats test_tags=once
@test "profile: several cloud-config files add up, the later one wins" {
	cat >base.yaml <<-'EOF'
		#cloud-config
		locale: false
		package_update: false
		ssh_deletekeys: false
		final_message: Berlin
		packages: [xterm]
		runcmd: ["echo base >>/root/ran"]
		write_files: [{path: /root/base, content: base}]
		x: {a: true, b: [1], c: {d: 1}}
	EOF
	cat >app.yaml <<-'EOF'
		#cloud-config
		ssh_deletekeys: true
		final_message: Paris
		packages: [xpra]
		runcmd: ["echo app >>/root/ran"]
		write_files: [{path: /root/app, content: app}]
		x: {a: false, b: [2], c: {e: 1}}
	EOF
	cat >more.yaml <<-'EOF'
		#cloud-config
		final_message: Rome
		packages: [dbus]
		runcmd: ["echo more >>/root/ran"]
		write_files: [{path: /root/more, content: more}]
	EOF
	printf '#!/bin/sh\necho script >>/root/ran\n' >script
	lxg-profile put "$P" base.yaml script app.yaml more.yaml 2>said
	[ ! -s said ]
	$cli launch lxg "$P-a" -p default -p "$P" 3>&-
	timeout 120 $cli exec "$P-a" -- cloud-init status --wait
	exec_in "$P-a" 0 0 cat /root/ran | diff - <(printf '%s\n' script base \
	    app more)
	[ "$(exec_in "$P-a" 0 0 cat /root/base /root/app /root/more)" = \
	    baseappmore ]
	exec_in "$P-a" 0 0 python3 -c '
import json, yaml
print(json.dumps(yaml.safe_load(open(
    "/var/lib/cloud/instance/cloud-config.txt"))))' >got
	jq -e '.packages == ["xterm", "xpra", "dbus"] and .ssh_deletekeys and
	    .package_update == false and .locale == false and
	    .final_message == "Rome" and (.write_files | length) == 3 and
	    .x == {a: false, b: [1, 2], c: {d: 1, e: 1}}' got
}

# From "$P-a": is the host's DNS server reached from the address? And does
# "$P-b" take a connection on its SSH port?
reach_from_a() {
	$cli exec "$P-a" -- python3 - "$@" <<'EOF'
import socket, subprocess, sys
what, gateway, address = sys.argv[1:]
if what == "spoof":
    subprocess.run(["ip", "address", "replace", address + "/24", "dev",
                    "eth0"], check=True)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 0))
    s.connect((gateway, 53))
    s.settimeout(3)
    s.send(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x07invalid\0\0\x01\0\x01")
    s.recv(512)
else:
    socket.create_connection((address, 22), 3)
EOF
} 2>/dev/null

@test "profile: no other instance, no other address is reached or taken" {
	base=$(bridge)
	lxg-profile put "$P"
	for i in a b; do
		$cli launch lxg "$P-$i" -p default -p "$P" 3>&-
	done
	wait_until 60 has_address a
	wait_until 60 has_address b
	wait_until 60 $cli exec "$P-b" -- python3 -c \
	    'import socket; socket.create_connection(("127.0.0.1", 22))' 2>log
	gateway=$($cli network get "$base" ipv4.address)
	gateway=${gateway%/*}
	own=$(address a) spoofed=${gateway%.*}.250
	[ "$(address b)" != "$spoofed" ] || spoofed=${gateway%.*}.251
	wait_until 30 reach_from_a spoof "$gateway" "$own"
	run ! reach_from_a spoof "$gateway" "$spoofed"
	run ! reach_from_a ssh "$gateway" "$(address b)"
	# with the defence taken out, both go
	for i in a b; do
		$cli stop -f "$P-$i"
	done
	lxg-profile put -f -k devices.eth0.security.port_isolation= \
	    -k devices.eth0.security.ipv4_filtering= \
	    -k devices.eth0.security.ipv6_filtering= \
	    -k devices.eth0.security.mac_filtering= "$P"
	for i in a b; do
		$cli start "$P-$i" 3>&-
	done
	wait_until 60 has_address a
	wait_until 60 has_address b
	wait_until 60 reach_from_a ssh "$gateway" "$(address b)"
	wait_until 30 reach_from_a spoof "$gateway" "$spoofed"
}

address() {
	$cli query "/1.0/instances/$P-$1/state" | jq -r '.network.eth0.addresses
	    | map(select(.family == "inet" and .scope == "global"))[0].address
	    // empty'
}

has_address() {
	[ -n "$(address "$1")" ]
}
