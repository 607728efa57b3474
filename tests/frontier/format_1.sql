-- Times are milliseconds since 1970, keys are the 64 bits of a Key read as a signed number.
CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    key INTEGER NOT NULL,
    target INTEGER NOT NULL,        -- 0 page, 1 feed
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    state INTEGER NOT NULL,         -- 0 queued, 1 leased, 2 done, 3 failed for good, 4 resting feed
    due INTEGER NOT NULL,           -- queued: not before
    leased_until INTEGER,           -- leased: then it may be claimed again
    token INTEGER NOT NULL,         -- how often it was leased
    attempts INTEGER NOT NULL,      -- failed ones since the last success
    title TEXT,
    published INTEGER,
    feed INTEGER,
    first_seen INTEGER NOT NULL,
    finished INTEGER,               -- the last time a lease of it ended
    path TEXT UNIQUE,
    hash TEXT,
    verdict TEXT,
    cause TEXT,                     -- of the last failure
    etag TEXT,
    last_modified TEXT,
    UNIQUE (key, target)
) STRICT;

-- The next item of a host: feeds first, then the longest due, then the first offered.
CREATE INDEX waiting ON items (host, target, due, id) WHERE state = 0;
CREATE INDEX leased ON items (host, leased_until) WHERE state = 1;

CREATE TABLE hosts (
    host TEXT PRIMARY KEY,
    blocked_until INTEGER NOT NULL DEFAULT 0,
    -- When a claim may give something of this host: the latest of blocked_until and the first item's
    -- due; NULL while something of it is leased or nothing waits. Written by `refresh` alone.
    ready INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX ready_hosts ON hosts (ready) WHERE ready IS NOT NULL;

PRAGMA application_id = 0x474c4e52;
PRAGMA user_version = 1;
