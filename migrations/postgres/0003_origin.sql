-- One row: which database this is, how many passes of deliveries it has begun, and, on a server, where it lives.
-- A file beside a SQLite database tells the same, so that an older copy put in its place is noticed.
CREATE TABLE origin (
    id          BIGINT NOT NULL PRIMARY KEY,
    database_id TEXT   NOT NULL,
    passes      BIGINT NOT NULL,
    home        TEXT   NOT NULL
);
INSERT INTO origin (id, database_id, passes, home) VALUES (1, replace(CAST(gen_random_uuid() AS TEXT), '-', ''), 0, '');

-- Always empty: a row is written and taken back to see whether there is room for more.
CREATE TABLE trials (
    filler TEXT NOT NULL
);

-- Rows that are past their age are found without sorting what one run made at one instant.
DROP INDEX deliveries_by_age;
CREATE INDEX deliveries_by_age ON deliveries (created_at, id);
CREATE INDEX signups_by_age ON signups (received_at);
