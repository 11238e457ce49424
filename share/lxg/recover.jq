# What lxg recover is to do: records with todo, the pipeline they go through,
# and recover, what to say of it then. SPDX-License-Identifier: ISC
def place: [.api, .project, .instance] | tojson;
def holder: [.engine, .project, .uuid, .device, .ino, .handle // .dev] | tojson;
def by(f): reduce .[] as $it ({}; . + {($it | f): $it});
# a pipeline that was cut short has no more time; else one may be under way
# which project it was is only known where one was named
def its_own: . as $it | $intents[] |
    select(.instance == $it.instance and (.project | IN("", $it.project)));
def cut: any(its_own; .alive == false);
def young: .boot == $boot and now - .granted < $age and (cut | not);
def locked: ([.engine, .project, .instance] | join(":") | IN($busy[])) or
    # a try lasts as long as its program
    any(its_own; .alive and .verb != "try" and "\(.intent)" != $ours);
def task($todo; $what): if locked then empty
    else . + {todo: $todo, recover: $what} end;

# an instance that was renamed is known by its uuid: it gets its name of now
($known | by(select(.uuid).uuid)) as $by |
def named: ($by[.uuid // ""].instance // .instance) as $now |
    if .instance == $now then . else .instance = $now end;
($grants | map(named)) as $grants | ($copies | map(named)) as $copies |
($folders | map(named)) as $folders |
(if $looks == 1 then $grants else $later | map(named) end) as $later |
(if $looks == 1 then $grants else $last | map(named) end) as $last |

($here | by(.uuid // "")) as $by_uuid | ($here | by(place)) as $here |
def is_here: if .uuid then $by_uuid[.uuid] else $here[place] end;
($gone | by(place)) as $gone |
($maps + $mounts | by(holder)) as $devices |
($grants | by(holder)) as $before |
# one look is each of them
(if $looks == 1 then $before else $later | by(holder) end) as $granted |
(if $looks == 1 then $devices else $again | by(holder) end) as $still |
(if $looks == 1 then $before else $last | by(holder) end) as $finally |
# a copy that could not be taken back is all that there is of it
($folders | map(if .uuid | IN($copies[].uuid) then .mounts -= ["maps"]
    else . end)) as $folders | ($folders | by(.uuid)) as $mine |
($owned | split("\u0000") | by(.)) as $owned |
def its: [.engine, .project, .instance] | tojson;
($later | by(its)) as $told | ($here | by(its)) as $instances |

# a grant whose device is gone, or its instance
($later[] | select(.api and (.device | startswith("lxg-"))) |
    select((young | not) and $before[holder].granted == .granted) |
    # an instance that is here is, by whatever socket
    (if is_here | not then
	if $gone[place] or ($here[place] | . and .uuid != null)
	then "its instance is gone" else empty end
    elif $devices[holder] or $still[holder] | not then "its device is gone"
    else empty end) as $why |
    .mount as $mount | if $mount == null then
	# an engine that was killed may have mounted it without a device
	task(if .mode == "live" and is_here then "unmap" else "revoke" end;
	    "\($why); access taken back")
    elif $mine[.uuid] and (any($mine[.uuid].mounts[]; . == $mount) | not)
    then task("revoke"; "\($why); access taken back, what is in it kept")
    else task("unshare"; "\($why); access and folder taken back") end),

# a device without a grant, where instance and file are this user's; the second
# look tells whose file it is
($maps[] | select(.mode == "live" and $mine[.uuid] and
	($looks == 1 or $owned[.source])) | holder as $h |
    select(($before[$h] or $granted[$h] or $finally[$h]) | not) |
    select($still[$h]) | task("unmap"; "lent without a grant; taken back")),
($mounts[] | select($mine[.uuid].folder as $f | $f and
	(.source | startswith($f + "/"))) | holder as $h |
    select(($before[$h] or $granted[$h]) | not) |
    task("regrant"; "shared without a grant; access given again")),

# a device whose file is another one now
($maps[] | select(.mode == "live" and $granted[holder]) |
    ({gone: "the file is gone", other: "another file has that name now",
	unsafe: "others could put another file there"}[.source_state // ""] //
	empty) as $why | task("unmap"; "\($why); taken back")),

# a copy for an instance that is gone, or half written back
($copies[] | if $gone[place] or ($here[place] and
	$here[place].uuid != .uuid)
    then task("unmap"; "its instance is gone; the copy, too")
    elif .unfinished and $here[place] and (.age // $age) >= $age
    then task("unmap"; "its lending or write-back was cut short; taken back")
    else empty end),

# a folder of an instance that is gone, and that no grant tells of
($folders[] | select($age == 0 or now - .since > $age) |
    select($told[its] | not) |
    select($gone[[.api // .engine, .project, .instance] | tojson] or
	($instances[its] // empty | .uuid) != .uuid) |
    .mounts[] as $mount | del(.mounts) + {$mount, type: "disk",
	device: "lxg-\($mount)", source: "\(.folder)/\($mount)",
	path: "/\($mount)", perm: "rwx", readonly: false, dev: "0",
	ino: "0"} | task("tidy"; "its instance is gone; folder removed"))
