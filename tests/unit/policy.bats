#!/usr/bin/env bats
# share/lxg/policy, and all that is to say the same as it does.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of run
bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	prefix=$(dirname "$(dirname "$(command -v lxg-profile)")")
	data=$prefix/share/lxg
	grep -v '^#' "$data/policy" > rows
	# those with values that can be listed
	awk -F '\t' '$2 != "*" && $2 != "own" && $2 != "gone"' rows > listed
	# those that a user sets
	awk -F '\t' '$2 != "own" && $2 != "gone" { print $1 }' rows | uniq > keys
}

default_of() { awk -F '\t' -v key="$1" '$1 == key { print $2; exit }' rows; }

@test "each line is a key, a value and what it exposes, a key's together" {
	run ! grep -vP '^[a-z0-9]+\t([a-z]+|\*)\t[^\t]+$' rows
	[ "$(cut -f 1 rows | uniq | sort | uniq -d)" = '' ]
	[ "$(cut -f 1,2 rows | sort | uniq -d)" = '' ]
	[ "$(wc -l < keys)" -ge 12 ]
}

@test "the programs take each value, and no other, of each key" {
	while IFS='	' read -r key value _; do
		lxg-profile show -k "user.lxg.$key=$value" x |
		    jq -e --arg key "user.lxg.$key" --arg value "$value" \
		    '.config[$key] == $value' > /dev/null
		run -78 lxg-profile show -k "user.lxg.$key=gone" x
		[[ $output == *"gone is none of $(default_of "$key"), "* ]]
		[[ $output == *"$value"* ]]
	done < listed
	run -78 lxg-profile show -k user.lxg.nonesuch=on x
	[[ $output == *"there are $(paste -s -d , keys | sed 's/,/, /g')"* ]]
}

@test "the presets make a value of each key, and strict lets nothing out" {
	cut -f 1 listed | uniq > names
	for preset in "$data"/profiles/*.yaml; do
		while read -r key; do
			value=$(sed -n "s/^  user.lxg.$key: \"*\([a-z]*\)\"*$/\1/p" \
			    "$preset")
			# what it has no line for is as it is by default
			row=$(grep "^$key	${value:-$(default_of "$key")}	" \
			    listed) || { echo "$preset: $key: '$value'"; return 1; }
			[ "${preset##*/}" != strict.yaml ] ||
			    [ "${row##*	}" = - ] || { echo "$row"; return 1; }
		done < names
	done
	# and have none that there isn't
	grep -hoP '^  user.lxg.\K[a-z0-9]+(?=:)' "$data"/profiles/*.yaml \
	    > named
	sort -u named | comm -23 - <(sort -u keys) | diff /dev/null -
}

# item KEY: what lxg-security(7) says of it, in a line, without markup
item()
{
	awk -v key="$1" '/^\.It Li / {
		gsub(",", " ")
		mine = 0
		for (i = 3; i <= NF; i++)
			if ($i == key)
				mine = 1
		next }
	    /^\.El/ { mine = 0 }
	    mine' "$prefix/share/man/man7/lxg-security.7" | tr '\n' ' '
}

@test "lxg-security(7) has each key, its values, and the default first" {
	while read -r key; do
		[ -n "$(item "$key")" ] || { echo "$key: not there"; return 1; }
	done < keys
	while IFS='	' read -r key value _; do
		item "$key" | grep -qw -e "$value" ||
		    { echo "$key: $value: $(item "$key")"; return 1; }
		item "$key" | grep -q "^$(default_of "$key")\>"
	done < listed
}

# explain KEY VALUE [TABLE]: what lxg explain says where that is set
explain()
{
	jq -L "$data" -nrf "$data/explain.jq" \
	    --rawfile policy "${3-$data/policy}" \
	    --argjson record '[{"instance":"x","engine":"lxd",
		"project":"default","host_uid":1001000,"uid":1000}]' \
	    --argjson lent '[]' \
	    --argjson instance "[{\"expanded_config\":{
		\"user.lxg.$1\":\"$2\"},\"expanded_devices\":{}}]"
}

@test "lxg explain names what each value exposes, and refuses others" {
	while IFS='	' read -r key value exposes; do
		explain "$key" "$value" > said
		case $exposes in
		-)	run ! grep "^$key " said ;;
		*)	[ "$(sed -n "s/^$key  *$value  *//p" said)" = "$exposes" ] ;;
		esac
		run -78 explain "$key" none
	done < listed
	for key in webcam uid; do
		explain "$key" on
	done
	run -78 explain nonesuch on
	run -78 explain title "$(printf 'two\342\200\250lines')"
	explain title '[x] @title@'
}

@test "lxg explain calls closed what could be open, and nothing else" {
	{ cat "$data/policy"; printf 'blink\t%s\t-\n' no yes; } > table
	for value in no yes; do
		explain blink "$value" table | sed -n 's/^closed: //p' |
		    tr ' ' '\n' | sort | diff - <(awk -F '\t' \
		    '$3 != "-" && $1 != "x11" { print $1 }' listed | sort -u)
	done
}

@test "the keys that can be set, and their values, are completed" {
	PATH=$prefix/bin:$PATH
	lxg complete set x '' | tr -d = | diff keys -
	awk -F '\t' '{ print $1 "=" $2 }' listed > want
	while read -r key; do
		lxg complete set x "$key="
	done < keys | diff want -
}
