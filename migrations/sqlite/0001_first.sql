-- Times are microseconds since 1970 in UTC, flags are 0 or 1, lists are JSON texts.
-- Every table of a person carries the bucket of the address, and so does each of its unique keys.

-- Papers ---------------------------------------------------------------------------------------

-- The id of a merged paper is never given to another: editions remember it.
CREATE TABLE papers (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    revision         BIGINT NOT NULL,
    paper_key        TEXT   NOT NULL,
    title            TEXT   NOT NULL,
    abstract_text    TEXT   NOT NULL,
    authors          TEXT   NOT NULL,
    categories       TEXT   NOT NULL,
    sources          TEXT   NOT NULL,
    text_rank        BIGINT NOT NULL,
    title_key        TEXT   NOT NULL,
    first_author_key TEXT   NOT NULL,
    announce_type    TEXT,
    published_at     BIGINT,
    announced_at     BIGINT,
    first_seen_at    BIGINT NOT NULL,
    available_at     BIGINT NOT NULL,
    backfill         BIGINT NOT NULL,
    withdrawn        BIGINT NOT NULL,
    url              TEXT,
    code_url         TEXT,
    project_url      TEXT,
    upvotes          BIGINT,
    comments         BIGINT,
    github_stars     BIGINT
);
CREATE INDEX papers_by_availability ON papers (available_at);
CREATE INDEX papers_by_title ON papers (title_key);

-- Every name a paper is known under.
CREATE TABLE paper_keys (
    paper_key TEXT   NOT NULL PRIMARY KEY,
    paper_id  BIGINT NOT NULL REFERENCES papers (id)
);
CREATE INDEX paper_keys_by_paper ON paper_keys (paper_id);

-- A paper that turned out to be another keeps leading there, so that what was shown stays shown.
CREATE TABLE paper_merges (
    merged_id BIGINT NOT NULL PRIMARY KEY,
    into_id   BIGINT NOT NULL REFERENCES papers (id),
    merged_at BIGINT NOT NULL
);

-- Texts as they were, appended and never changed: editions refer to them, also after a merge took the paper's row.
CREATE TABLE paper_revisions (
    paper_id      BIGINT NOT NULL,
    revision      BIGINT NOT NULL,
    title         TEXT   NOT NULL,
    abstract_text TEXT   NOT NULL,
    authors       TEXT   NOT NULL,
    categories    TEXT   NOT NULL,
    source        TEXT   NOT NULL,
    recorded_at   BIGINT NOT NULL,
    PRIMARY KEY (paper_id, revision)
);

CREATE TABLE signals (
    paper_id     BIGINT NOT NULL REFERENCES papers (id),
    recorded_at  BIGINT NOT NULL,
    upvotes      BIGINT,
    comments     BIGINT,
    github_stars BIGINT,
    PRIMARY KEY (paper_id, recorded_at)
);
CREATE INDEX signals_by_time ON signals (recorded_at, paper_id);

-- Sources --------------------------------------------------------------------------------------

CREATE TABLE sources (
    name            TEXT   NOT NULL PRIMARY KEY,
    next_due_at     BIGINT,
    lease_owner     TEXT,
    lease_until     BIGINT,
    last_success_at BIGINT,
    last_new_at     BIGINT,
    failing_since   BIGINT
);

CREATE TABLE fetch_runs (
    id           INTEGER PRIMARY KEY,
    source       TEXT   NOT NULL,
    started_at   BIGINT NOT NULL,
    finished_at  BIGINT,
    outcome      TEXT,
    error        TEXT,
    requests     BIGINT NOT NULL,
    items        BIGINT NOT NULL,
    new_papers   BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    rejected     BIGINT NOT NULL,
    notes        TEXT   NOT NULL
);
CREATE INDEX fetch_runs_by_source ON fetch_runs (source, started_at);

-- What a server said about the page it sent, byte for byte, to be sent back (RFC 9110, 13).
CREATE TABLE http_validators (
    url           TEXT   NOT NULL PRIMARY KEY,
    etag          TEXT,
    last_modified TEXT,
    stored_at     BIGINT NOT NULL
);

-- One request at a time over all nodes: whoever moves next_at may send.
CREATE TABLE paces (
    gate    TEXT   NOT NULL PRIMARY KEY,
    next_at BIGINT NOT NULL
);

-- People ---------------------------------------------------------------------------------------

CREATE TABLE subscribers (
    bucket           BIGINT NOT NULL,
    id               BIGINT NOT NULL,
    address          TEXT   NOT NULL,
    canonical        TEXT   NOT NULL,
    address_hash     TEXT   NOT NULL,
    state            TEXT   NOT NULL,
    state_at         BIGINT NOT NULL,
    paused_until     BIGINT,
    profile          TEXT   NOT NULL,
    timezone         TEXT   NOT NULL,
    send_minute      BIGINT NOT NULL,
    days             BIGINT NOT NULL,
    paper_limit      BIGINT NOT NULL,
    quiet_day        TEXT   NOT NULL,
    trending         BIGINT NOT NULL,
    language         TEXT   NOT NULL,
    link_generation  BIGINT NOT NULL,
    plan_seq         BIGINT NOT NULL,
    next_due_at      BIGINT,
    next_local_date  TEXT,
    last_due_at      BIGINT,
    last_local_date  TEXT,
    consent_source   TEXT   NOT NULL,
    consent_network  TEXT,
    created_at       BIGINT NOT NULL,
    confirmed_at     BIGINT,
    soft_bounces     BIGINT NOT NULL,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, canonical)
) WITHOUT ROWID;
CREATE INDEX subscribers_due ON subscribers (next_due_at) WHERE next_due_at IS NOT NULL;
CREATE INDEX subscribers_by_state ON subscribers (state, bucket, id);

-- Requests as they came in, from any door. What becomes of them is decided later, so that the door cannot tell.
CREATE TABLE signups (
    bucket       BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    address      TEXT   NOT NULL,
    canonical    TEXT   NOT NULL,
    interests    TEXT   NOT NULL,
    timezone     TEXT,
    send_minute  BIGINT,
    language     TEXT   NOT NULL,
    door         TEXT   NOT NULL,
    network      TEXT   NOT NULL,
    received_at  BIGINT NOT NULL,
    processed_at BIGINT,
    outcome      TEXT,
    PRIMARY KEY (bucket, id)
);
CREATE INDEX signups_open ON signups (received_at) WHERE processed_at IS NULL;
CREATE INDEX signups_by_network ON signups (network, received_at);
CREATE INDEX signups_by_address ON signups (canonical, received_at);

-- Addresses that must not be mailed, as keyed hashes that outlive the person's other rows.
CREATE TABLE suppressions (
    bucket       BIGINT NOT NULL,
    address_hash TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    origin       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (bucket, address_hash)
);

-- Editions and deliveries ----------------------------------------------------------------------

CREATE TABLE editions (
    bucket        BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    subscriber_id BIGINT NOT NULL,
    local_date    TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    due_at        BIGINT NOT NULL,
    planned_at    BIGINT NOT NULL,
    window_after  BIGINT NOT NULL,
    window_until  BIGINT NOT NULL,
    timezone      TEXT   NOT NULL,
    items         TEXT   NOT NULL,
    figures       TEXT   NOT NULL,
    more_for_you  BIGINT NOT NULL,
    void          BIGINT NOT NULL,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, subscriber_id, local_date)
);
CREATE INDEX editions_by_age ON editions (planned_at);

-- The outbox: the only road to a mail server.
CREATE TABLE deliveries (
    bucket          BIGINT NOT NULL,
    id              BIGINT NOT NULL,
    kind            TEXT   NOT NULL,
    idempotency_key TEXT   NOT NULL,
    subscriber_id   BIGINT,
    edition_id      BIGINT,
    address         TEXT   NOT NULL,
    address_hash    TEXT   NOT NULL,
    dest_group      TEXT   NOT NULL,
    relay           TEXT   NOT NULL,
    priority        BIGINT NOT NULL,
    payload         TEXT   NOT NULL,
    message_id      TEXT   NOT NULL,
    dated_at        BIGINT NOT NULL,
    state           TEXT   NOT NULL,
    state_at        BIGINT NOT NULL,
    epoch           BIGINT NOT NULL,
    lease_owner     TEXT,
    lease_until     BIGINT,
    attempts        BIGINT NOT NULL,
    not_before      BIGINT NOT NULL,
    due_at          BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    template_hash   TEXT,
    body_sha256     TEXT,
    fenced_at       BIGINT,
    resends         BIGINT NOT NULL,
    last_phase      TEXT,
    last_code       BIGINT,
    last_enhanced   TEXT,
    last_reply      TEXT,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, idempotency_key)
);
CREATE INDEX deliveries_claimable ON deliveries (priority, not_before, id) WHERE state IN ('ready', 'retry_wait');
CREATE INDEX deliveries_open ON deliveries (state, lease_until) WHERE state IN ('leased', 'handing_off', 'uncertain');
CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE state IN ('ready', 'leased', 'retry_wait');
CREATE INDEX deliveries_by_subscriber ON deliveries (bucket, subscriber_id, created_at);
CREATE INDEX deliveries_by_age ON deliveries (created_at);

-- Append-only: one row a try.
CREATE TABLE attempts (
    bucket      BIGINT NOT NULL,
    delivery_id BIGINT NOT NULL,
    epoch       BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    phase       TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    code        BIGINT,
    enhanced    TEXT,
    reply       TEXT   NOT NULL,
    PRIMARY KEY (bucket, delivery_id, epoch, outcome)
);
CREATE INDEX attempts_by_age ON attempts (at);

-- The service ----------------------------------------------------------------------------------

-- One row: whether mail may leave.
CREATE TABLE sending (
    id     BIGINT NOT NULL PRIMARY KEY,
    paused BIGINT NOT NULL,
    reason TEXT   NOT NULL,
    since  BIGINT NOT NULL
);
INSERT INTO sending (id, paused, reason, since) VALUES (1, 0, '', 0);

-- Signed-in operators; the token itself is not stored, only its SHA-256.
CREATE TABLE admin_sessions (
    token_sha256 TEXT   NOT NULL PRIMARY KEY,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
