/*
 * What of a share is opened from within the instance, where nobody is to be
 * believed: the host looks again afterwards. SPDX-License-Identifier: ISC
 */
#include "anew.h"
#include "inside.h"

/*
 * A file that has lost its entries gets those of the folder only as a new one:
 * nobody inside can name the host user. It is no program's any more then.
 */
static const char script[] =
    "cd -- \"$1\" || exit\n"
    "shift\n"
    "while [ $# -gt 1 ]; do\n"
    "	new=$(dirname \"./$2\")/.lxg-share.$$\n"
    "	if [ \"$1\" != copy ]; then\n"
    "		chmod \"$1\" \"./$2\"\n"
    "	elif [ -d \"./$2\" ] && [ ! -L \"./$2\" ]; then\n"
    "		mkdir \"$new\" && find \"./$2\" -mindepth 1 -maxdepth 1 \\\n"
    "		    -exec mv -- {} \"$new/\" \\; && rmdir \"./$2\" &&\n"
    "		    mv -- \"$new\" \"./$2\"\n"
    "	elif [ -f \"./$2\" ] && [ ! -L \"./$2\" ]; then\n"
    "		cp -- \"./$2\" \"$new\" &&\n"
    "		    chmod \"$(stat -c %A \"./$2\" | sed "
    "'s/.\\(...\\).*/g+\\1/;\n"
    "		    s/-//g')\" \"$new\" && touch -r \"./$2\" \"$new\" &&\n"
    "		    mv -f -- \"$new\" \"./$2\" || rm -f \"$new\"\n"
    "	fi\n"
    "	shift 2\n"
    "done\n";

int
inside_mend(struct lxd *l, const struct rec *r, bool able,
    const struct todo *todo, size_t n, struct fail *f)
{
	const char *path = rec_str(r, "path", f);
	jv argv;
	size_t i;

	if (path == NULL)
		return -1;
	/* what hangs there does so for a while */
	argv = JV_ARRAY(jv_string("timeout"), jv_string("20"), jv_string("sh"),
	    jv_string("-c"), jv_string(script), jv_string("sh"),
	    jv_string(path));
	for (i = 0; i < n; i++) {
		argv = jv_array_append(argv, jv_string(todo[i].how));
		argv = jv_array_append(argv, jv_string(todo[i].path));
	}
	return inside_run(l, r, able, argv, f);
}
