"""ACLs as lxg-acl's tests see them: read, written, and what they let whom do."""
import itertools
import os
import struct

ACCESS = "system.posix_acl_access"
USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 1, 2, 4, 8, 16, 32
NONE = 0xFFFFFFFF
CLASS = (USER, GROUP_OBJ, GROUP)
LENT = (700001, 700002)  # the containers' users
NAMED = (5, 6, 700001)
GROUPS = (8, 9)
STRANGER = 12345


def read(path):
    try:
        raw = os.getxattr(path, ACCESS)
    except OSError:
        mode = os.stat(path).st_mode
        return [(USER_OBJ, mode >> 6 & 7, NONE), (GROUP_OBJ, mode >> 3 & 7, NONE),
                (OTHER, mode & 7, NONE)]
    return [struct.unpack_from("<HHI", raw, i) for i in range(4, len(raw), 8)]


def write(path, acl):
    acl = sorted(acl, key=lambda e: (e[0], e[2]))
    os.setxattr(path, ACCESS, struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", *e) for e in acl))


def allowed(acl, uid, gids, want, linux):
    """acl(5), or as Linux does it: an ACL whose mask is empty isn't looked
    at, so that those it names may do what others may."""
    entry = {(tag, name): perm for tag, perm, name in acl}
    group = entry[GROUP_OBJ, NONE]
    mask = entry.get((MASK, NONE))
    other = entry[OTHER, NONE]
    if linux and (group if mask is None else mask) == 0:
        return want & ~(0 if "own" in gids else other) == 0
    limit = 7 if mask is None else mask
    if (USER, uid) in entry:
        return want & ~(entry[USER, uid] & limit) == 0
    mine = [perm for (tag, name), perm in entry.items()
            if tag == GROUP and name in gids]
    if "own" in gids:
        mine.append(group)
    if mine:
        return any(want & ~(perm & limit) == 0 for perm in mine)
    return want & ~other == 0


def subjects():
    names = GROUPS + ("own",)
    sets = [c for n in range(3) for c in itertools.combinations(names, n)]
    return [(uid, gids) for uid in set(NAMED + LENT + (STRANGER,))
            for gids in sets]


def no_more(got, limit, exempt, own=True):
    """Nobody may do more by got than by limit, but for the users that it is
    lent to; own: in the owning group as well. An ACL that comes back with the
    empty mask that it had is judged by acl(5) alone."""
    linux = (MASK, 0, NONE) not in got
    for uid, gids in subjects():
        if uid in exempt or ("own" in gids and not own):
            continue
        for want in range(1, 8):
            assert not allowed(got, uid, gids, want, linux) or \
                allowed(limit, uid, gids, want, linux), \
                f"uid {uid} groups {gids} may {want}: {got}, not {limit}"


def no_more_than_twin(path, twin, exempt):
    got, limit = read(path), read(twin)
    no_more(got, limit, exempt)
    assert [e for e in got if e[0] in (USER_OBJ, OTHER)] == \
        [e for e in limit if e[0] in (USER_OBJ, OTHER)], (got, limit)
