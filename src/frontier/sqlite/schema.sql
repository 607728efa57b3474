-- Times are milliseconds since 1970, keys are the 64 bits of a Key read as a signed number.
CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    key INTEGER NOT NULL,
    target INTEGER NOT NULL,        -- 0 page, 1 feed
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    state INTEGER NOT NULL,         -- 0 queued, 1 leased, 2 done, 3 failed for good, 4 resting feed,
                                    -- 5 another page has its text, 6 was there before we looked
    due INTEGER NOT NULL,           -- queued: not before
    leased_until INTEGER,           -- leased: then it may be claimed again
    token INTEGER NOT NULL,         -- how often it was leased
    attempts INTEGER NOT NULL,      -- failed ones since the last success
    failing_since INTEGER,          -- the first failure since the last success
    title TEXT,
    published INTEGER,
    feed INTEGER,
    first_seen INTEGER NOT NULL,
    finished INTEGER,               -- the last time a lease of it ended
    succeeded INTEGER,              -- the last time it did without a failure
    path TEXT UNIQUE,
    hash TEXT,
    verdict TEXT,
    cause TEXT,                     -- of the last failure
    class TEXT,                     -- of the last failure: transient, slow, final
    etag TEXT,
    last_modified TEXT,
    learnt TEXT,                    -- where a feed is asked instead of at its URL
    sighted TEXT,                   -- where permanent redirects lead from there
    sightings INTEGER NOT NULL DEFAULT 0,
    entry INTEGER,                  -- a page's name in its feed, hashed
    interval_s INTEGER,             -- feed: between two looks, as learnt
    reason TEXT,                    -- feed: why it is due when it is, `id: words`
    body INTEGER,                   -- feed: a hash of what was read last
    of_week INTEGER NOT NULL DEFAULT 0, -- feed: entries of the last seven days when it was read
    whole_at INTEGER,               -- feed: when its body came last
    hints TEXT,                     -- feed: what it says of when to look, JSON
    duplicate_of INTEGER,           -- the key of the page that came first with nearly this text
    UNIQUE (key, target)
) STRICT;

-- The next item of a host: feeds first, then the longest due, then the first offered.
CREATE INDEX waiting ON items (host, target, due, id) WHERE state = 0;
CREATE INDEX entries ON items (entry) WHERE entry IS NOT NULL;
CREATE INDEX copies ON items (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX leased ON items (host, leased_until) WHERE state = 1;

CREATE TABLE hosts (
    host TEXT PRIMARY KEY,
    blocked_until INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,    -- of requests, in a row; 0: it is well
    rest_until INTEGER NOT NULL DEFAULT 0,  -- while it is ill
    cause TEXT,                             -- of the last failure
    -- When a claim may give something of this host: the latest of blocked_until, rest_until and the first item's
    -- due; NULL while something of it is leased or nothing waits. Written by `refresh` alone.
    ready INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX ready_hosts ON hosts (ready) WHERE ready IS NOT NULL;

-- Other URLs of pages that have been fetched.
CREATE TABLE aliases (
    key INTEGER PRIMARY KEY,
    page INTEGER NOT NULL,          -- the key of the page
    is_sure INTEGER NOT NULL,       -- 1: redirects led there, 0: the page says so
    title TEXT,                     -- the page's
    url TEXT                        -- NULL: kept before format 3
) STRICT;

CREATE INDEX aliases_of ON aliases (page);

-- What a page's feed carries of it in full; gone when the page is finished.
CREATE TABLE contents (
    key INTEGER PRIMARY KEY,
    html TEXT NOT NULL,
    authors TEXT NOT NULL           -- one a line
) STRICT;

-- What the texts of first copies say (src/fingerprint.rs), by items.id ...
CREATE TABLE fingerprints (
    item INTEGER PRIMARY KEY,
    sketch BLOB NOT NULL
) STRICT;

-- ... and by which they are found. A band whose item has no fingerprint any more leads nowhere.
CREATE TABLE bands (
    band INTEGER NOT NULL,
    item INTEGER NOT NULL,
    PRIMARY KEY (band, item)
) STRICT, WITHOUT ROWID;
