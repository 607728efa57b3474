-- From format 2: the class of the last failure, and the names of pages in letters.
ALTER TABLE items ADD COLUMN class TEXT;
ALTER TABLE items ADD COLUMN succeeded INTEGER;
ALTER TABLE aliases ADD COLUMN url TEXT;

-- How feeds are polled, and what they carry.
ALTER TABLE items ADD COLUMN entry INTEGER;
ALTER TABLE items ADD COLUMN interval_s INTEGER;
ALTER TABLE items ADD COLUMN reason TEXT;
ALTER TABLE items ADD COLUMN body INTEGER;
ALTER TABLE items ADD COLUMN of_week INTEGER NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN whole_at INTEGER;
ALTER TABLE items ADD COLUMN hints TEXT;
CREATE INDEX entries ON items (entry) WHERE entry IS NOT NULL;

CREATE TABLE contents (
    key INTEGER PRIMARY KEY,
    html TEXT NOT NULL,
    authors TEXT NOT NULL
) STRICT;
