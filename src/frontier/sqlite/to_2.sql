-- From format 1: budgets, moved feeds, ill hosts, other URLs of pages.
ALTER TABLE items ADD COLUMN failing_since INTEGER;
ALTER TABLE items ADD COLUMN learnt TEXT;
ALTER TABLE items ADD COLUMN sighted TEXT;
ALTER TABLE items ADD COLUMN sightings INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN rest_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN cause TEXT;

CREATE TABLE aliases (
    key INTEGER PRIMARY KEY,
    page INTEGER NOT NULL,
    is_sure INTEGER NOT NULL,
    title TEXT
) STRICT;

CREATE INDEX aliases_of ON aliases (page);
