-- The road from a request to its answer: what was handed in and signed, what was
-- found of it, how a date was moved, what was struck off and what was voided. Rows are
-- added, and ended once; none is taken away.

-- +goose Up

CREATE TABLE signatures (
    id          {{.id}},
    item_id     BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    role        TEXT NOT NULL,
    by_id       BIGINT NOT NULL,
    at          {{.instant}} NOT NULL,
    pledge      BOOLEAN NOT NULL DEFAULT FALSE,
    sha256      TEXT NOT NULL,
    voided_at   {{.instant}},
    voided_act  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX signatures_of_item ON signatures (item_id, id);
CREATE UNIQUE INDEX signatures_once ON signatures (item_id, role) WHERE voided_at IS NULL;

CREATE TABLE submissions (
    id        {{.id}},
    item_id   BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    by_id     BIGINT NOT NULL,
    at        {{.instant}} NOT NULL,
    sha256    TEXT NOT NULL,
    due_on    TEXT NOT NULL DEFAULT '',
    outcome   TEXT NOT NULL DEFAULT '',
    ended_at  {{.instant}}
);
CREATE INDEX submissions_of_item ON submissions (item_id, id);
CREATE UNIQUE INDEX submissions_once ON submissions (item_id) WHERE outcome = '';

CREATE TABLE verifications (
    id             {{.id}},
    item_id        BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    submission_id  BIGINT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    body           TEXT NOT NULL,
    by_id          BIGINT NOT NULL,
    at             {{.instant}} NOT NULL,
    verdict        TEXT NOT NULL,
    reason         TEXT NOT NULL DEFAULT '',
    words          TEXT NOT NULL,
    review_on      TEXT NOT NULL DEFAULT '',
    CONSTRAINT verifications_verdict CHECK (verdict IN ('closed', 'returned', 'stage'))
);
CREATE INDEX verifications_of_item ON verifications (item_id, id);
CREATE UNIQUE INDEX verifications_once ON verifications (submission_id, body);

CREATE TABLE closures (
    id             {{.id}},
    item_id        BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    submission_id  BIGINT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    closed_on      TEXT NOT NULL,
    late_days      INTEGER NOT NULL DEFAULT 0,
    by_id          BIGINT NOT NULL,
    at             {{.instant}} NOT NULL,
    reopened_on    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX closures_of_item ON closures (item_id, id);
CREATE UNIQUE INDEX closures_once ON closures (submission_id);

-- Each change of a date: asked for and decided, or brought by another deed. The
-- item's date is that of the last row in force, by the version it came into force
-- with, or else its first date.
CREATE TABLE extensions (
    id          {{.id}},
    item_id     BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    why         TEXT NOT NULL,
    from_on     TEXT NOT NULL,
    to_on       TEXT NOT NULL,
    reason      TEXT NOT NULL DEFAULT '',
    asked_by    BIGINT NOT NULL,
    asked_at    {{.instant}} NOT NULL,
    state       TEXT NOT NULL,
    decided_by  BIGINT NOT NULL DEFAULT 0,
    decided_at  {{.instant}},
    words       TEXT NOT NULL DEFAULT '',
    doc_no      TEXT NOT NULL DEFAULT '',
    version     INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT extensions_state CHECK (state IN ('asked', 'granted', 'refused', 'withdrawn', 'lapsed'))
);
CREATE INDEX extensions_of_item ON extensions (item_id, id);
CREATE UNIQUE INDEX extensions_pending ON extensions (item_id) WHERE state = 'asked';

CREATE TABLE voidings (
    id          {{.id}},
    item_id     BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    reason      TEXT NOT NULL,
    asked_by    BIGINT NOT NULL,
    asked_at    {{.instant}} NOT NULL,
    state       TEXT NOT NULL,
    decided_by  BIGINT NOT NULL DEFAULT 0,
    decided_at  {{.instant}},
    words       TEXT NOT NULL DEFAULT '',
    CONSTRAINT voidings_state CHECK (state IN ('asked', 'voided', 'refused', 'lapsed'))
);
CREATE INDEX voidings_of_item ON voidings (item_id, id);
CREATE UNIQUE INDEX voidings_pending ON voidings (item_id) WHERE state = 'asked';

-- Those who help; who answers stands on the item.
CREATE TABLE item_assistants (
    item_id  BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    user_id  BIGINT NOT NULL REFERENCES users (id),
    PRIMARY KEY (item_id, user_id)
);
CREATE INDEX item_assistants_of_user ON item_assistants (user_id);

CREATE INDEX items_asked ON items (asked_until) WHERE asked_until <> '';
