#!/usr/bin/env bats
# What is completed: by lxg complete, and typed into each shell that it is for,
# in a terminal. SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of run
bats_require_minimum_version 1.5.0

load ../glue.sh

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	prefix=$(dirname "$(dirname "$(command -v lxg-profile)")")
	export HOME=$PWD/home
	# whose home is elsewhere, and engines that nobody may ask
	unset LXG_HOME XDG_DATA_HOME XDG_CONFIG_HOME XDG_STATE_HOME LXG_PROJECT
	unset XDG_CACHE_HOME
	export LXD_DIR=/nonexistent INCUS_DIR=/nonexistent LXG_ENGINE=lxd
	mkdir -p home/.local/share/lxg/lxd/default/fireplace/xpra \
	    home/.local/share/lxg/incus/default/work \
	    home/.local/share/lxg/incus/other/elsewhere home/.config/fish
	: > home/.local/share/lxg/lxd/default/fireplace/xpra/abcd.sock
	: > "home/.local/share/lxg/lxd/default/fireplace/xpra/a b\$(c).sock"
	: > report.odt
	terminals=0
}

teardown()
{
	[ -z "${terminal-}" ] || tmux -S "$terminal" kill-server 2>/dev/null || :
	[ -z "${server-}" ] || kill "$server"
}

# are LIST WORD...: is that what may stand for the last word?
are()
{
	[ "$(lxg complete -- "${@:2}" | paste -s -d ' ' -)" = "$1" ] ||
	    { lxg complete -- "${@:2}"; return 1; }
}

@test "complete: verbs, options and what these take, by the usage" {
	are 'delete' del
	are 'explain' -E incus -n ex
	are 'lxd incus' -E ''
	are '-E -p -h -n' -
	are '-E -p -h -a -s' logs -
	are 'exec ssh' attach -t ''
	are 'abcd' attach -s ''
	are 'strict desktop FILES' create -b ''
	are '' nosuch ''
	are '' list ''
}

@test "complete: instances, recipes, keys, values and files" {
	are 'fireplace work' stop ''
	are 'work' attach -t ssh w
	LXG_PROJECT=other are 'elsewhere' stop ''
	are 'firefox' create fir
	mkdir -p home/.config/lxg/cloud-config
	: > home/.config/lxg/cloud-config/firewall.yaml
	are 'firefox firewall FILES' create x fir
	are 'clipboard=' set x cli
	are 'audio=off audio=out audio=both' set x bell=on audio=
	are 'FILES' map x rep
	are 'FILES' attach x xterm -
	are 'attach' help at
}

@test "complete: images, as an engine says they are called" {
	cat > serve <<-'END'
	import signal
	from engine import serve
	serve("socket")
	signal.pause()
	END
	PYTHONPATH=$BATS_TEST_DIRNAME/../fault PYTHONDONTWRITEBYTECODE=1 \
	    python3 serve 3>&- &
	server=$!
	within 30 nc -zU socket
	export LXG_ENGINE=$PWD/socket
	within 30 are 'debian/12 lxg images: ubuntu: ubuntu-daily:' create -i ''
	env -u LXG_ENGINE lxg complete -E "$PWD/socket" try -i deb |
	    grep -qx debian/12
	# the names stay known while it is not there
	kill "$server"
	wait "$server" || :
	server=''
	are 'debian/12' create -i deb
}

@test "complete: an engine that does not answer is not waited for" {
	nc -lkU socket 3>&- > /dev/null &
	server=$!
	within 30 test -S socket
	[ "$(LXG_ENGINE=$PWD/socket timeout 8 lxg complete create -i ub |
	    paste -s -d ' ' -)" = 'ubuntu: ubuntu-daily:' ]
}

# typed SHELL TEXT LINE: that text, into this shell, makes this line of it
typed()
{
	# each has a server of its own: one that ends may still be heard
	terminal=$BATS_TEST_TMPDIR/terminal.$((++terminals))
	case $1 in
	bash)	set -- "$@" "bash --rcfile $PWD/rc" ;;
	zsh)	set -- "$@" "env ZDOTDIR=$PWD zsh -i" ;;
	fish)	set -- "$@" "fish -C 'source $prefix/share/fish/vendor_completions.d/lxg.fish'" ;;
	esac
	printf '%s\n' 'PS1="ready> "' \
	    ". $prefix/share/bash-completion/completions/lxg" > rc
	printf '%s\n' 'PS1="ready> "' "fpath=($prefix/share/zsh/site-functions \$fpath)" \
	    'autoload -U compinit; compinit -u -D' > .zshrc
	printf '%s\n' 'function fish_prompt; echo -n "ready> "; end' \
	    > home/.config/fish/config.fish
	tmux -S "$terminal" -f /dev/null new-session -d -x 100 \
	    -y 24 "$4" 3>&-
	poll '^ready>'
	tmux -S "$terminal" send-keys -l "$2"
	tmux -S "$terminal" send-keys Tab
	poll "^ready> $3"
	tmux -S "$terminal" kill-server || :
	terminal=''
}

# poll PATTERN: until the terminal shows such a line
poll()
{
	local n=0
	until tmux -S "$terminal" capture-pane -p 2>/dev/null |
	    grep -q -e "$1"; do
		n=$((n + 1))
		[ "$n" -lt 600 ] || {
			tmux -S "$terminal" capture-pane -p
			return 1
		}
		sleep 0.1
	done
}

# shell NAME: what is typed there
shell()
{
	typed "$1" 'lxg expl' 'lxg explain'
	typed "$1" 'lxg attach fir' 'lxg attach fireplace'
	typed "$1" 'lxg set work clipb' 'lxg set work clipboard='
	typed "$1" 'lxg set work clipboard=bo' 'lxg set work clipboard=both'
	typed "$1" 'lxg map work rep' 'lxg map work report.odt'
	mkdir -p home/.cache/lxg
	echo debian/12 > home/.cache/lxg/images:lxd:
	typed "$1" 'lxg create -i deb' 'lxg create -i debian/12'
	typed "$1" 'lxg try -N -i ubuntu-d' 'lxg try -N -i ubuntu-daily:'
}

@test "complete: as it is typed into bash" {
	shell bash
	# which takes words apart at a colon, too
	typed bash 'lxg create -i ubuntu:22.04 new rep' \
	    'lxg create -i ubuntu:22.04 new report.odt'
	typed bash 'lxg -E work: expl' 'lxg -E work: explain'
}

@test "complete: as it is typed into zsh" {
	shell zsh
}

@test "complete: as it is typed into fish" {
	shell fish
}
