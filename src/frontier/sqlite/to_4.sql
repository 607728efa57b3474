-- From format 3: copies of articles.
ALTER TABLE items ADD COLUMN duplicate_of INTEGER;
CREATE INDEX copies ON items (duplicate_of) WHERE duplicate_of IS NOT NULL;

CREATE TABLE fingerprints (
    item INTEGER PRIMARY KEY,
    sketch BLOB NOT NULL
) STRICT;

CREATE TABLE bands (
    band INTEGER NOT NULL,
    item INTEGER NOT NULL,
    PRIMARY KEY (band, item)
) STRICT, WITHOUT ROWID;
