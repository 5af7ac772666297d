-- The ledger as it begins: units and their people, rounds, items with measures
-- and progress, the trail, what people are told, and what the clock has done.
-- Days are text (2026-03-05, empty for none), instants are UTC.

-- +goose Up

CREATE TABLE units (
    id         {{.id}},
    name       TEXT NOT NULL UNIQUE,
    code       TEXT NOT NULL UNIQUE,
    seq        INTEGER NOT NULL DEFAULT 0,
    parent_id  BIGINT REFERENCES units (id),
    demo       BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE users (
    id            {{.lasting}},
    name          TEXT NOT NULL UNIQUE,
    full_name     TEXT NOT NULL,
    role          TEXT NOT NULL,
    unit_id       BIGINT REFERENCES units (id),
    body          TEXT NOT NULL DEFAULT '',
    post          TEXT NOT NULL DEFAULT '',
    email         TEXT NOT NULL DEFAULT '',
    mail_error    TEXT NOT NULL DEFAULT '',
    language      TEXT NOT NULL DEFAULT '',
    password      TEXT NOT NULL DEFAULT '',
    must_change   BOOLEAN NOT NULL DEFAULT FALSE,
    disabled      BOOLEAN NOT NULL DEFAULT FALSE,
    failed_tries  INTEGER NOT NULL DEFAULT 0,
    locked_until  {{.instant}},
    demo          BOOLEAN NOT NULL DEFAULT FALSE,
    created_at    {{.instant}} NOT NULL,
    CONSTRAINT users_unit CHECK ((role IN ('head', 'leader', 'handler')) = (unit_id IS NOT NULL))
);
CREATE INDEX users_of_unit ON users (unit_id, role);

CREATE TABLE sessions (
    token    TEXT PRIMARY KEY,
    user_id  BIGINT NOT NULL,
    data     TEXT NOT NULL,
    expiry   {{.instant}} NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expiry);

CREATE TABLE settings (
    name   TEXT PRIMARY KEY,
    value  TEXT NOT NULL
);

CREATE TABLE counters (
    name   TEXT PRIMARY KEY,
    value  BIGINT NOT NULL
);

CREATE TABLE rounds (
    id         {{.id}},
    code       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    year       INTEGER NOT NULL,
    team       TEXT NOT NULL DEFAULT '',
    begins_on  TEXT NOT NULL DEFAULT '',
    ends_on    TEXT NOT NULL DEFAULT '',
    demo       BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE round_units (
    round_id     BIGINT NOT NULL REFERENCES rounds (id),
    unit_id      BIGINT NOT NULL REFERENCES units (id),
    notice_on    TEXT NOT NULL DEFAULT '',
    feedback_on  TEXT NOT NULL DEFAULT '',
    window_end   TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (round_id, unit_id)
);

CREATE TABLE items (
    id               {{.lasting}},
    number           TEXT NOT NULL UNIQUE,
    tier             TEXT NOT NULL,
    round_id         BIGINT NOT NULL REFERENCES rounds (id),
    unit_id          BIGINT NOT NULL REFERENCES units (id),
    ledger_no        TEXT NOT NULL DEFAULT '',
    source           TEXT NOT NULL DEFAULT '',
    category         TEXT NOT NULL DEFAULT '',
    title            TEXT NOT NULL,
    problem          TEXT NOT NULL,
    standard         TEXT NOT NULL DEFAULT '',
    leader           TEXT NOT NULL DEFAULT '',
    leader_id        BIGINT REFERENCES users (id),
    department       TEXT NOT NULL DEFAULT '',
    handler          TEXT NOT NULL DEFAULT '',
    handler_id       BIGINT REFERENCES users (id),
    due_on           TEXT NOT NULL DEFAULT '',
    first_due_on     TEXT NOT NULL DEFAULT '',
    flagged_due      TEXT NOT NULL DEFAULT '',
    standing         BOOLEAN NOT NULL DEFAULT FALSE,
    review_on        TEXT NOT NULL DEFAULT '',
    status           TEXT NOT NULL,
    status_word      TEXT NOT NULL DEFAULT '',
    registered_on    TEXT NOT NULL,
    progress_on      TEXT NOT NULL DEFAULT '',
    submitted_on     TEXT NOT NULL DEFAULT '',
    submitted_by     BIGINT NOT NULL DEFAULT 0,
    closed_on        TEXT NOT NULL DEFAULT '',
    returned_reason  TEXT NOT NULL DEFAULT '',
    acknowledged_on  TEXT NOT NULL DEFAULT '',
    extended         INTEGER NOT NULL DEFAULT 0,
    asked_until      TEXT NOT NULL DEFAULT '',
    signed           INTEGER NOT NULL DEFAULT 0,
    measures         INTEGER NOT NULL DEFAULT 0,
    measures_done    INTEGER NOT NULL DEFAULT 0,
    import_id        BIGINT,
    demo             BOOLEAN NOT NULL DEFAULT FALSE,
    version          INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT items_status CHECK (status IN ('registered', 'underway', 'submitted', 'closed', 'voided'))
);
-- A unit's own number names one item of a tier in a round: re-import updates by it.
CREATE UNIQUE INDEX items_ledger_no ON items (round_id, unit_id, tier, ledger_no) WHERE ledger_no <> '' AND status <> 'voided';
-- Boards and lists of one unit; and all figures, which come from one scan of this
-- index (tally.go) and for that find every column they need in it.
CREATE INDEX items_unit_lane ON items (unit_id, tier, status, due_on, id, submitted_on, progress_on, registered_on, round_id);
-- Boards of all units.
CREATE INDEX items_lane ON items (tier, status, due_on, id);
-- The pieces of a list in the order of urgency, each in its own order: what is due,
-- what is undated, what waits for review. What is struck off is below.
CREATE INDEX items_due ON items (due_on, id) WHERE status IN ('registered', 'underway') AND due_on <> '';
CREATE INDEX items_undated ON items (id) WHERE status IN ('registered', 'underway') AND due_on = '';
CREATE INDEX items_submitted ON items (submitted_on, id) WHERE status = 'submitted';
CREATE INDEX items_submitted_lane ON items (tier, submitted_on, id) WHERE status = 'submitted';
CREATE INDEX items_closed_lane ON items (tier, closed_on, id) WHERE status = 'closed';
CREATE INDEX items_leader ON items (leader, unit_id) WHERE leader <> '';
-- What the flag job has not yet seen: its cost grows with what became overdue.
CREATE INDEX items_unflagged ON items (due_on) WHERE status IN ('registered', 'underway') AND due_on <> '' AND flagged_due <> due_on;
CREATE INDEX items_import ON items (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX items_closed ON items (closed_on, id) WHERE status = 'closed';

CREATE TABLE measures (
    id               {{.id}},
    item_id          BIGINT NOT NULL REFERENCES items (id),
    seq              INTEGER NOT NULL,
    text             TEXT NOT NULL,
    kind             TEXT NOT NULL DEFAULT '',
    leader           TEXT NOT NULL DEFAULT '',
    department       TEXT NOT NULL DEFAULT '',
    owners           {{.json}} NOT NULL,
    deadline_phrase  TEXT NOT NULL DEFAULT '',
    due_on           TEXT NOT NULL DEFAULT '',
    standing         BOOLEAN NOT NULL DEFAULT FALSE,
    ask              TEXT NOT NULL DEFAULT '',
    assumed          TEXT NOT NULL DEFAULT '',
    done_on          TEXT NOT NULL DEFAULT '',
    done_by          BIGINT NOT NULL DEFAULT 0,
    result           TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX measures_of_item ON measures (item_id, seq);

CREATE TABLE progress (
    id          {{.id}},
    item_id     BIGINT NOT NULL REFERENCES items (id),
    measure_id  BIGINT REFERENCES measures (id),
    text        TEXT NOT NULL,
    by_id       BIGINT NOT NULL,
    at          {{.instant}} NOT NULL
);
CREATE INDEX progress_of_item ON progress (item_id, id);

CREATE TABLE events (
    id           {{.lasting}},
    item_id      BIGINT, -- of no constraint: the trail outlives an item whose import was undone
    act          TEXT NOT NULL,
    actor_id     BIGINT NOT NULL,
    at           {{.instant}} NOT NULL,
    from_status  TEXT NOT NULL DEFAULT '',
    to_status    TEXT NOT NULL DEFAULT '',
    particulars  {{.json}} NOT NULL
);
CREATE INDEX events_of_item ON events (item_id, id);

CREATE TABLE notices (
    id         {{.id}},
    user_id    BIGINT NOT NULL REFERENCES users (id),
    item_id    BIGINT NOT NULL REFERENCES items (id),
    event_id   BIGINT NOT NULL, -- of no constraint: keeping it would need a right to change events
    act        TEXT NOT NULL,
    at         {{.instant}} NOT NULL,
    read_at    {{.instant}},
    mailed_on  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX notices_of_user ON notices (user_id, id);
CREATE INDEX notices_unread ON notices (user_id) WHERE read_at IS NULL;
CREATE INDEX notices_unmailed ON notices (user_id, id) WHERE mailed_on = '';
CREATE INDEX notices_of_item ON notices (item_id);
CREATE INDEX notices_of_event ON notices (event_id);

CREATE TABLE digests (
    id          {{.id}},
    week        TEXT NOT NULL,
    edition     TEXT NOT NULL,
    user_id     BIGINT NOT NULL REFERENCES users (id),
    unit_id     BIGINT REFERENCES units (id),
    day         TEXT NOT NULL,
    subject     TEXT NOT NULL,
    text        TEXT NOT NULL,
    html        TEXT NOT NULL,
    created_at  {{.instant}} NOT NULL
);
CREATE UNIQUE INDEX digests_once ON digests (week, user_id);

-- Which reminders an item has had, each rung of each date once.
CREATE TABLE reminders (
    item_id  BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    act      TEXT NOT NULL,
    about    TEXT NOT NULL,
    rung     INTEGER NOT NULL,
    at       {{.instant}} NOT NULL,
    PRIMARY KEY (item_id, act, about, rung)
);

-- The outbox: a row is written with the deed, and leaves by the deliver job.
CREATE TABLE mails (
    id           {{.id}},
    key          TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL,
    user_id      BIGINT NOT NULL REFERENCES users (id),
    role         TEXT NOT NULL,
    unit_id      BIGINT,
    titled       BOOLEAN NOT NULL DEFAULT FALSE,
    digest_id    BIGINT REFERENCES digests (id),
    day          TEXT NOT NULL,
    subject      TEXT NOT NULL DEFAULT '',
    text         TEXT NOT NULL DEFAULT '',
    html         TEXT NOT NULL DEFAULT '',
    state        TEXT NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    unclear      INTEGER NOT NULL DEFAULT 0,
    next_at      {{.instant}} NOT NULL,
    owner        TEXT NOT NULL DEFAULT '',
    lease_until  {{.instant}},
    error        TEXT NOT NULL DEFAULT '',
    address      TEXT NOT NULL DEFAULT '',
    created_at   {{.instant}} NOT NULL,
    sent_at      {{.instant}},
    failed_at    {{.instant}},
    told         BOOLEAN NOT NULL DEFAULT FALSE,
    CONSTRAINT mails_state CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'dropped'))
);
CREATE INDEX mails_due ON mails (next_at, id) WHERE state IN ('waiting', 'sending');
CREATE INDEX mails_of_user_day ON mails (user_id, day);
CREATE INDEX mails_failed ON mails (failed_at) WHERE state = 'failed';
CREATE INDEX mails_of_digest ON mails (digest_id) WHERE digest_id IS NOT NULL;

CREATE TABLE job_runs (
    job          TEXT NOT NULL,
    tick         {{.instant}} NOT NULL,
    state        TEXT NOT NULL,
    owner        TEXT NOT NULL,
    attempt      INTEGER NOT NULL,
    lease_until  {{.instant}} NOT NULL,
    started_at   {{.instant}} NOT NULL,
    ended_at     {{.instant}},
    done         INTEGER NOT NULL DEFAULT 0,
    error        TEXT NOT NULL DEFAULT '',
    told         BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (job, tick)
);

-- Words to search in, beside the items: a text index on items itself would make
-- each change of an item many times dearer.
CREATE TABLE item_search (
    item_id  BIGINT PRIMARY KEY REFERENCES items (id),
    body     TEXT NOT NULL
);
