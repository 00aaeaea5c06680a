-- How fast mail may leave, and which way is closed for a while.

-- The relay of the configuration; its row is also the turn in which claims are made.
-- A token is a mail, kept in millionths; rest_until lies in the future while the relay is left alone.
CREATE TABLE relays (
    name           TEXT   NOT NULL PRIMARY KEY,
    tokens         BIGINT NOT NULL,
    refilled_at    BIGINT NOT NULL,
    rest_until     BIGINT,
    rest_reason    TEXT   NOT NULL,
    rests_in_a_row BIGINT NOT NULL,
    failing_since  BIGINT,
    probing        BIGINT NOT NULL
);
INSERT INTO relays (name, tokens, refilled_at, rest_until, rest_reason, rests_in_a_row, failing_since, probing)
VALUES ('default', 0, 0, NULL, '', 0, NULL, 0);

-- Groups of destinations that refused mail by policy, and those closed for it.
CREATE TABLE destinations (
    dest_group    TEXT   NOT NULL PRIMARY KEY,
    counted_since BIGINT NOT NULL,
    results       BIGINT NOT NULL,
    refused       BIGINT NOT NULL,
    closed_at     BIGINT,
    closed_until  BIGINT,
    reason        TEXT   NOT NULL,
    trips         BIGINT NOT NULL
);

-- Finds the next group with mail without reading past the mail of those that are closed or full.
CREATE INDEX deliveries_by_destination ON deliveries (priority, dest_group, not_before, id)
    WHERE state IN ('ready', 'retry_wait');
