#!/usr/bin/env bats
# Recipes: which word means which file, what their first lines say, and that
# those of ours say all of it. Nothing is run: lxg -n. SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of run
bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	prefix=$(dirname "$(dirname "$(command -v lxg-profile)")")
	shelf=$prefix/share/lxg/cloud-config
	export HOME=$PWD/home
	own=$HOME/.config/lxg/cloud-config
	mkdir -p "$own"
	unset XDG_CONFIG_HOME LXG_ENGINE LXG_PROJECT
}

# put ARG...: how lxg create with these calls lxg-profile, and lxg-instance
put() { lxg -n create "$@" | cut -d '|' -f 1 | sed 's/ $//'; }
made() { lxg -n create "$@" | cut -d '|' -f 2 | sed 's/^ //; s/ $//'; }

@test "a name alone that is a recipe's takes it; another, or one with --, none" {
	[ "$(put firefox)" = "lxg-profile put -b strict -k $(
	    )user.lxg.command=firefox-esr firefox $shelf/firefox.yaml" ]
	[ "$(put -b desktop firefox --)" = 'lxg-profile put -b desktop firefox' ]
	[ "$(put nosuch)" = 'lxg-profile put -b strict nosuch' ]
}

@test "a word that is no file is a recipe; a file, and what looks like one, is not" {
	[ "$(put work firefox chinese)" = "lxg-profile put -b strict -k $(
	    )user.lxg.command=firefox-esr work $shelf/firefox.yaml $(
	    )$shelf/chinese.yaml" ]
	: > firefox
	[ "$(put work firefox)" = 'lxg-profile put -b strict work firefox' ]
	for file in ./chinese chinese.yaml "$shelf/chinese.yaml" /dev/null; do
		[ "$(put work "$file")" = \
		    "lxg-profile put -b strict work $file" ]
	done
	# a folder is no user-data
	mkdir gimp
	[[ "$(put work gimp)" == *" $shelf/gimp.yaml" ]]
}

@test "the user's own recipes are found, and win" {
	printf '#cloud-config\n# My own\n' > "$own/firefox.yaml"
	[ "$(put firefox)" = \
	    "lxg-profile put -b strict firefox $own/firefox.yaml" ]
	export XDG_CONFIG_HOME=$PWD/'a b'
	mkdir -p "$XDG_CONFIG_HOME/lxg"
	mv "$own" "$XDG_CONFIG_HOME/lxg/"
	[ "$(put x firefox)" = "lxg-profile put -b strict x $(
	    )'$XDG_CONFIG_HOME/lxg/cloud-config/firefox.yaml'" ]
	[ "$(lxg create -l | grep -c '^firefox ')" = 1 ]
	lxg create -l | grep -qx 'firefox       My own'
}

@test "its first lines: command, policy, network; what follows is none of them" {
	cat > "$own/a.yaml" <<-'END'
	#cloud-config
	# What it is
	# command: it --with 'words *
	# policy: audio=out bell=on
	# network: install
	# policy: color=#123456
	packages: []
	# command: other
	# policy: x11=trusted
	END
	[ "$(put x a)" = "lxg-profile put -b strict -k $(
	    )'user.lxg.command=it --with '\\''words *' -k user.lxg.audio=out $(
	    )-k user.lxg.bell=on -k 'user.lxg.color=#123456' x $own/a.yaml" ]
	[ "$(made x a)" = 'lxg-instance create -i lxg -I' ]
	# what is said with options wins
	[ "$(made -N x a)" = 'lxg-instance create -i lxg -N' ]
	[[ "$(put -b desktop x a)" == *"words *' x $own/a.yaml" ]]
	# the first of several names the program
	[[ "$(put x firefox a)" == *user.lxg.command=firefox-esr* ]]
	# a file given as one is user-data alone
	[ "$(put x "$own/a.yaml")" = \
	    "lxg-profile put -b strict x $own/a.yaml" ]
}

@test "first lines that make no sense are 65, by file" {
	for line in 'policy: audio' 'policy: a=b;c' 'policy: -k=x' \
	    'network: off'; do
		printf '#cloud-config\n# x\n# %s\n' "$line" > "$own/a.yaml"
		run -65 lxg -n create x a
		[[ "$output" == "lxg create: $own/a.yaml: "* ]]
	done
}

@test "a word that is neither file nor recipe is 1, with those that are near" {
	for near in 'firefx firefox' 'fire firefox' 'libre-office libreoffice' \
	    'chromuim chromium'; do
		run -1 lxg create x "${near% *}"
		[ "$output" = "lxg create: ${near% *}: neither a file nor a $(
		    )recipe; did you mean ${near#* }? lxg create -l lists them" ]
	done
	run -1 lxg create x qqqqqq
	[ "$output" = 'lxg create: qqqqqq: neither a file nor a recipe; '"$(
	    )"'lxg create -l lists them' ]
}

@test "create -l: each recipe in a line, within a terminal's" {
	lxg create -l > listed
	[ "$(sed 's/ .*//' listed)" = \
	    "$(cd "$shelf" && printf '%s\n' ./*.yaml | sed 's|./||; s/.yaml$//' |
	    LC_ALL=C sort)" ]
	run ! grep -nvE '^[a-z0-9-]+ +[A-Za-z].{15,}[^.:]$' listed
	run ! grep -E '.{80}' listed
}

@test "each recipe of ours: what it is, and policy that there is" {
	for file in "$shelf"/*.yaml; do
		name=$(basename "$file" .yaml)
		[ "$(sed -n 1p "$file")" = '#cloud-config' ]
		lxg -n create x "$name" > text
		grep -qF " x $file " text
		# as the programs take it
		sh -c "$(sed 's/ |.*//; s/^lxg-profile put/lxg-profile show/' \
		    text)" > profile
		grep -q "^# command: " "$file" || continue
		jq -e '.config["user.lxg.command"]' profile > /dev/null
	done
	lxg-profile show x "$shelf/firefox.yaml" > /dev/null
}

@test "a vendor's repository is taken in one way, and only by a key that is named" {
	for name in slack typora; do
		sed -n '/^runcmd:/,/^    - sh$/p' "$shelf/$name.yaml" > "$name"
		tail -n 4 "$shelf/$name.yaml" | paste -s -d ' ' - |
		    grep -qE '^ +- [a-z-]+ +- [0-9A-F]{40}( +- https:[^ ]+){2} [^-]+$'
		grep -q '^# NOT TESTED' "$shelf/$name.yaml"
	done
	[ "$(wc -l < slack)" -gt 20 ]
	cmp slack typora
}
