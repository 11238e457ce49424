# ATTACKS 18: a policy that isn't one is refused, with 78, and nothing starts;
# it is never open by accident.
# shellcheck disable=SC2016,SC2034,SC2154
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

setup_file() {
	begin
	lxg-profile del "$T-x" || :
	start xterm
	wait_until 20 live
	cp s session
}

teardown_file() {
	over
	lxg-profile del "$T-x" || :
	finish
}

# whatever a test has set
teardown() {
	config "$(engine_api GET "/1.0/instances/$T" | jq '.config | with_entries(
	    select(.key | test("^user[.]lxg[.](user|uid|gid|home|image|network" +
	    "|profile)$") | not) | select(.key | test("^user[.]lxg"; "i")) |
	    .value = "")')"
}

live() { [ "$(lxg-xpra list < record | jq -r .state)" = live ]; }

# config JSON: of the instance, past lxg
config() {
	engine_api PATCH "/1.0/instances/$T" "{\"config\": $1}"
}

sessions() { find "$XPRA" -mindepth 1 -maxdepth 1 -type d | wc -l; }
units() {
	inside sh -c 'systemctl list-units --plain --no-legend |
	    grep -c "^lxg-[a-z0-9]*[.]service"'
}
clients() { pgrep -u "$(id -u)" -f "lxg-client -C .*-c lxg-$T( |\$)" | wc -l; }

# refused: neither a session nor a client comes of it, and what is said names
# the key
refused() {
	run -78 lxg-xpra start xterm < record
	[[ $output == *"$1"* ]]
	run -78 lxg-xpra attach < session
	echo "$output"
	[[ $output == *"$1"* ]]
	run -125 lxg attach "$T" xterm
	[ -n "${LXG_DATADIR-}" ] || {	# of the policy alone
		run -78 lxg explain "$T"
		[[ $output == *"$1"* ]]
	}
	found="$(sessions) $(units) $(clients)"
	echo "$found"
	[ "$found" = '1 1 0' ]
}

@test "values in the wrong case, with a space, empty, of another key" {
	for value in ON yes 'off ' both,off out/../in; do
		config "$(jq -n --arg v "$value" '{"user.lxg.clipboard": $v}')"
		refused user.lxg.clipboard
	done
	config '{"user.lxg.clipboard": "", "user.lxg.audio": "in"}'
	refused user.lxg.audio
}

@test "keys that are none, or in other letters" {
	for key in user.lxg.clipbord user.lxg.Clipboard user.LXG.clipboard \
	    user.lxg.; do
		config "{\"$key\": \"off\"}"
		refused "$key"
		teardown
	done
}

@test "colours and titles that are more than that" {
	for value in red '#1234567' '#123456,20' '#12345g'; do
		config "$(jq -n --arg v "$value" '{"user.lxg.color": $v}')"
		refused user.lxg.color
	done
	teardown
	for value in $'a\eb' $'a\u202eb'; do
		config "$(jq -n --arg v "$value" '{"user.lxg.title": $v}')"
		refused user.lxg.title
	done
}

@test "in the profile it is the same" {
	profile=$(engine_api GET "/1.0/profiles/$T")
	engine_api PUT "/1.0/profiles/$T" \
	    "$(jq '.config["user.lxg.x11"] = "Untrusted"' <<< "$profile")"
	refused user.lxg.x11
	engine_api PUT "/1.0/profiles/$T" "$profile"
}

@test "lxg's own ways to set one refuse it before anything is sent" {
	for setting in clipboard=ON Clipboard=off nonsense=on user.lxg.tray=YES \
	    USER.LXG.tray=on; do
		run -78 lxg-instance set "$T" "$setting"
		run -78 lxg-profile put -k "user.lxg.${setting#user.lxg.}" "$T-x"
	done
	run -1 engine_api GET "/1.0/profiles/$T-x"
	[ "$(engine_api GET "/1.0/instances/$T" | jq -r '.config | keys[]' |
	    grep -ci nonsense)" = 0 ]
}

@test "a preset edited to nonsense makes no profile" {
	cp -R "$LXG_STAGE/usr/share/lxg" data
	strict=data/profiles/strict.yaml
	for edit in 's/clipboard: "off"/clipboard: "OFF"/' \
	    's/clipboard:/clipbord:/' 's/user.lxg.x11: .*/user.lxg.x11: [a]/' \
	    's/user.lxg.clipboard: "off"/user.lxg.clipboard: [/' \
	    's/user.lxg.clipboard/user.LXG.clipboard/' \
	    's/^config:/config: {}\nconfig:/'; do
		sed "$edit" "$LXG_STAGE/usr/share/lxg/profiles/strict.yaml" \
		    > "$strict"
		run cmp -s "$strict" "$LXG_STAGE/usr/share/lxg/profiles/strict.yaml"
		[ "$status" = 1 ]
		run env LXG_DATADIR="$HOME/data" lxg-profile put "$T-x"
		echo "$edit: $status"
		[ "$status" = 78 ] || [ "$status" = 65 ]
	done
	run -1 engine_api GET "/1.0/profiles/$T-x"
}

@test "a table of options edited to nonsense starts nothing" {
	rm -rf data
	cp -R "$LXG_STAGE/usr/share/lxg" data
	for line in 'server	3-6	clipboard=off' 'server	x	always	--a=b' \
	    nonsense; do
		printf '%s\n' "$line" > data/xpra.options
		LXG_DATADIR=$HOME/data run -78 lxg-xpra start xterm < record
		[[ $output == *xpra.options* ]]
		LXG_DATADIR=$HOME/data run -125 lxg attach "$T" xterm
		[ "$(sessions) $(units) $(clients)" = '1 1 0' ]
	done
	rm -rf data
}

@test "without any key of a policy, all is off" {
	profile=$(engine_api GET "/1.0/profiles/$T")
	engine_api PUT "/1.0/profiles/$T" "$(jq '.config |= with_entries(
	    select(.key | startswith("user.lxg.") | not))' <<< "$profile")"
	cp session s
	attach
	[ "$(clients)" = 1 ]
	# what is open is named to it
	run ! pgrep -u "$(id -u)" -f "lxg-client -C .*-p .*-c lxg-$T( |\$)"
	run ! pgrep -u "$(id -u)" -f "lxg-client -C .*-c lxg-$T .*-p "
	detach
	engine_api PUT "/1.0/profiles/$T" "$profile"
}
