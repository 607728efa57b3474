INSERT INTO items VALUES
    (1, -5, 1, 'http://a.test/feed', 'b.test', 0, 1700000000000, NULL, 7, 2, 1690000000000, 'A feed', NULL, NULL,
        1680000000000, 1695000000000, NULL, NULL, NULL, '503', '"etag"', 'Mon, 1 Jan', 'http://b.test/feed', 'http://c.test/', 2),
    (2, 6, 0, 'http://a.test/1', 'a.test', 2, 1700000000000, NULL, 1, 0, NULL, 'Title', 1679000000000, -5,
        1680000000000, 1680000001000, 'a.test/2023-03-28/title-00000000.txt', 'abcd', 'article', NULL, NULL, NULL, NULL, NULL, 0),
    (3, 7, 0, 'http://a.test/2', 'a.test', 3, 1700000000000, NULL, 12, 12, 1680000000000, NULL, NULL, -5,
        1680000000000, 1690000000000, NULL, NULL, NULL, 'timeout', NULL, NULL, NULL, NULL, 0);
INSERT INTO hosts VALUES ('a.test', 1700000000000, 0, 0, NULL, NULL), ('b.test', 0, 5, 1700000000000, 'refused', 1700000000000);
INSERT INTO aliases VALUES (9, 6, 1, 'Title');
