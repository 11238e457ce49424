# Read by lxg create: recipes, user-data that has a name. One is a file NAME.yaml
# whose first lines say what it is, and what create and attach need to know:
#
#	#cloud-config
#	# What it is, in a line
#	# command: PROGRAM [ARG]...	what attach without a command runs
#	# policy: KEY=VALUE...		what it needs open, where no -b is given
#	# network: install		none, once its packages are there
#
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

command='' settings=''

# shelves: the folders of recipes, the user's own first
shelves()
{
	printf '%s\n' "${XDG_CONFIG_HOME:-${HOME-}/.config}/lxg/cloud-config" \
	    "$LXG_DATADIR/cloud-config"
}

# on_shelves: the names of all recipes
on_shelves()
{
	shelves | while IFS= read -r shelf; do
		for file in "$shelf"/*.yaml; do
			[ ! -f "$file" ] || basename -- "$file" .yaml
		done
	done | LC_ALL=C sort -u
}

# named_recipes: a line each, with what it is
named_recipes()
{
	on_shelves | while IFS= read -r name; do
		! recipe "$name" ||
		    printf '%-13s %s\n' "$name" "$(sed -n '2s/^# *//p' "$file")"
	done
}

# recipe NAME: sets file where there is one of that name
recipe()
{
	case $1 in
	'' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) return 1 ;;
	esac
	file=$(shelves | while IFS= read -r shelf; do
		[ ! -f "$shelf/$1.yaml" ] || {
			printf '%s\n' "$shelf/$1.yaml"
			break
		}
	done)
	[ -n "$file" ]
}

# head_of FILE KEY: what its first lines say of that
head_of()
{
	sed -n "/^#/!q; s/^# $2: *//p" "$1"
}

# obey FILE: what its head says is so for this create, unless options or a
# recipe before it said otherwise
obey()
{
	command=${command:-$(head_of "$1" command | sed -n 1p)}
	for setting in $(head_of "$1" policy); do
		case $setting in
		[a-z]*=*[!A-Za-z0-9#]*) ;;
		[a-z]*=*) settings="$settings -k user.lxg.$setting"
			continue ;;
		esac
		die 65 "$1: policy: $setting: not KEY=VALUE"
	done
	case $(head_of "$1" network) in
	'')	;;
	install) [ -n "$alone" ] || alone=-I ;;
	*)	die 65 "$1: network: install is all that it can be" ;;
	esac
}

# meant WORD: is it the name of a recipe, and no file's?
meant()
{
	case $1 in
	'' | [!A-Za-z0-9]* | *[!A-Za-z0-9_-]*) return 1 ;;
	esac
	[ -d "$1" ] || [ ! -e "$1" ]
}

# no_recipe WORD: ends with what there is
no_recipe()
{
	near=$(on_shelves | near "$1")
	die 1 "$1: neither a file nor a recipe;" \
	    "${near:+did you mean $near? }lxg create -l lists them"
}
