-- Where a mail stands as far as a search needs to know: 1, it waits to be claimed; 2, a program has it or its fate is
-- open; nothing, it is over. Indexes name this instead of the state, because it changes less often: the fence, which
-- every mail passes, leaves it alone.
ALTER TABLE deliveries ADD COLUMN stage BIGINT GENERATED ALWAYS AS (
    CASE WHEN state IN ('ready', 'retry_wait') THEN 1 WHEN state IN ('leased', 'handing_off', 'uncertain') THEN 2 END
) STORED;

DROP INDEX deliveries_claimable;
DROP INDEX deliveries_by_destination;
DROP INDEX deliveries_open;
DROP INDEX deliveries_expiring;
CREATE INDEX deliveries_claimable ON deliveries (priority, not_before, id) WHERE stage = 1;
-- Finds the next group with mail without reading past the mail of those that are closed or full.
CREATE INDEX deliveries_by_destination ON deliveries (priority, dest_group, not_before, id) WHERE stage = 1;
-- Few at any time.
CREATE INDEX deliveries_open ON deliveries (id) WHERE stage = 2;
CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE stage IN (1, 2);

-- A row that changes thrice within a second finds room for it on its page.
ALTER TABLE deliveries SET (fillfactor = 50);
