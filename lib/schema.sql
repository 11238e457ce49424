-- What lxg has lent, and to whom. To look: sqlite3 ~/.local/state/lxg/state.db
-- 'SELECT * FROM lent' (or FROM copied). Schema 2; SPDX-License-Identifier: ISC

-- A file or folder whose ACL was changed for an instance.
CREATE TABLE inode (
    id INTEGER PRIMARY KEY,
    dev TEXT NOT NULL,          -- st_dev, st_ino: digits
    ino TEXT NOT NULL,
    handle TEXT NOT NULL,       -- name_to_handle_at(2) in hex; '': has none
    base TEXT NOT NULL,         -- its ACL, were it lent to nobody
    base_default TEXT NOT NULL, -- a folder's default ACL; '-': none
    old TEXT NOT NULL,          -- what it was just before lxg last changed it
    old_default TEXT NOT NULL,
    merged INTEGER NOT NULL,    -- 1: others changed it, base is made of that
    sum INTEGER NOT NULL        -- of all this, and its grants
);
CREATE INDEX inode_ino ON inode (ino);

-- A pipeline under way: its row goes when it ends. One whose process is gone
-- was cut short, and lxg recover sees to it.
CREATE TABLE intent (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    verb TEXT NOT NULL,         -- lend, take, create, delete...
    machine TEXT NOT NULL,
    host TEXT NOT NULL,
    engine TEXT NOT NULL,       -- '' where it is not known yet
    project TEXT NOT NULL,
    instance TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started INTEGER NOT NULL,   -- the process's start, in ticks of the boot
    boot TEXT NOT NULL,
    -- of a create or a delete, so that no other instance is taken for its own:
    uuid TEXT NOT NULL DEFAULT '',    -- the instance's, once it is known
    call TEXT NOT NULL DEFAULT '',    -- user.lxg.create of what it makes
    profile INTEGER NOT NULL DEFAULT 0, -- 1: it makes the profile, too
    forced INTEGER NOT NULL DEFAULT 0,  -- 1: -f was said
    used INTEGER NOT NULL DEFAULT 0, -- 1: cut short, and others went on with it
    -- when it last might have started the instance, in seconds since 1970
    stepped INTEGER NOT NULL DEFAULT 0
);

-- An instance's entry in the ACL of an inode. A holder is machine, engine,
-- project, uuid (or the name where there is none) and device.
CREATE TABLE grant (
    id INTEGER PRIMARY KEY,
    inode INTEGER NOT NULL REFERENCES inode ON DELETE CASCADE,
    machine TEXT NOT NULL,      -- of machine-id(5), hashed
    host TEXT NOT NULL,         -- the machine's name
    engine TEXT NOT NULL,
    project TEXT NOT NULL,
    instance TEXT NOT NULL,
    uuid TEXT NOT NULL,         -- ''; not known
    device TEXT NOT NULL,
    uid INTEGER NOT NULL,       -- whose entry it is
    asked INTEGER NOT NULL,     -- rights: 4 r, 2 w, 1 x
    perm INTEGER NOT NULL,      -- what others have left of them
    granted INTEGER NOT NULL,   -- seconds since 1970
    boot TEXT NOT NULL,
    fs TEXT NOT NULL,           -- the file system's id in hex; '0': not known
    memory INTEGER NOT NULL,    -- 1: it ends with the boot
    gone INTEGER NOT NULL,      -- 1: taken back, but the file was not found
    intent INTEGER REFERENCES intent ON DELETE SET NULL,
    record TEXT NOT NULL        -- as it was granted, JSON
);
CREATE INDEX grant_inode ON grant (inode);

-- A copy in an instance's folder, and the file that it is of.
CREATE TABLE copy (
    id INTEGER PRIMARY KEY,
    machine TEXT NOT NULL,
    host TEXT NOT NULL,
    engine TEXT NOT NULL,       -- of a remote its address
    project TEXT NOT NULL,
    instance TEXT NOT NULL,
    uuid TEXT NOT NULL,
    device TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('lending', 'lent', 'writing')),
    name TEXT NOT NULL UNIQUE,  -- of its snapshot while it is taken back
    source TEXT NOT NULL,       -- the copy
    origin TEXT NOT NULL,       -- the user's file
    origin_fs TEXT NOT NULL,    -- the id of its file system, or ''
    sha256 TEXT NOT NULL,       -- what both had last, or ''
    since INTEGER NOT NULL,     -- when that state began, in seconds of boot
    boot TEXT NOT NULL,
    intent INTEGER REFERENCES intent ON DELETE SET NULL,
    record TEXT NOT NULL
);

-- Rows that were not what was written, kept as they were found.
CREATE TABLE damaged (
    ino TEXT NOT NULL,
    handle TEXT NOT NULL,
    found TEXT NOT NULL
);

CREATE VIEW lent AS
    SELECT json_extract(record, '$.source') AS source, engine, project,
	instance, device, uid, host, datetime(granted, 'unixepoch') AS since,
	base AS acl_before FROM grant JOIN inode ON inode.id = grant.inode
	WHERE NOT gone;

CREATE VIEW copied AS
    SELECT origin, source AS copy, state, engine, project, instance, host
	FROM copy;
