-- From format 2: the class of the last failure.
ALTER TABLE items ADD COLUMN class TEXT;
