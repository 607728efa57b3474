-- From format 2: the class of the last failure, and the names of pages in letters.
ALTER TABLE items ADD COLUMN class TEXT;
ALTER TABLE items ADD COLUMN succeeded INTEGER;
ALTER TABLE aliases ADD COLUMN url TEXT;
