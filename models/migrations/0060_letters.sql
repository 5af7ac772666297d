-- Letters of the ladder, and what they are about. A letter has its number from the
-- day it is signed; one that is withdrawn keeps it, so that the numbers have no gap.

-- +goose Up

CREATE TABLE letters (
    id               {{.id}},
    kind             TEXT NOT NULL,
    unit_id          BIGINT NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    status           TEXT NOT NULL,
    year             INTEGER NOT NULL DEFAULT 0,
    seq              BIGINT NOT NULL DEFAULT 0,
    number           TEXT NOT NULL DEFAULT '',
    title            TEXT NOT NULL,
    body             TEXT NOT NULL,
    copies           TEXT NOT NULL DEFAULT '',
    demand_on        TEXT NOT NULL DEFAULT '',
    drafted_by       BIGINT NOT NULL,
    drafted_at       {{.instant}} NOT NULL,
    signed_by        BIGINT NOT NULL DEFAULT 0,
    signed_at        {{.instant}},
    signed_on        TEXT NOT NULL DEFAULT '',
    answer_by        TEXT NOT NULL DEFAULT '',
    acknowledged_by  BIGINT NOT NULL DEFAULT 0,
    acknowledged_at  {{.instant}},
    answer           TEXT NOT NULL DEFAULT '',
    answer_doc       TEXT NOT NULL DEFAULT '',
    answered_by      BIGINT NOT NULL DEFAULT 0,
    answered_at      {{.instant}},
    verdict          TEXT NOT NULL DEFAULT '',
    judged_by        BIGINT NOT NULL DEFAULT 0,
    judged_at        {{.instant}},
    withdrawn_why    TEXT NOT NULL DEFAULT '',
    withdrawn_by     BIGINT NOT NULL DEFAULT 0,
    withdrawn_at     {{.instant}},
    version          INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT letters_status CHECK (status IN ('draft', 'signed', 'acknowledged', 'answered', 'accepted', 'rejected', 'withdrawn')),
    -- Nobody's letter has a number, and no letter that was sent has none.
    CONSTRAINT letters_numbered CHECK ((signed_by = 0) = (number = '') AND (signed_by = 0) = (seq = 0))
);
CREATE UNIQUE INDEX letters_seq ON letters (year, seq) WHERE seq > 0;
CREATE UNIQUE INDEX letters_number ON letters (number) WHERE number <> '';
CREATE INDEX letters_of_unit ON letters (unit_id, id);
-- Those whose answer is owed, or waits for a word.
CREATE INDEX letters_awaited ON letters (status, answer_by) WHERE status IN ('signed', 'acknowledged', 'answered');

-- What a letter is about, as it stood on the day it was signed.
CREATE TABLE letter_items (
    letter_id  BIGINT NOT NULL REFERENCES letters (id) ON DELETE CASCADE,
    item_id    BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL,
    number     TEXT NOT NULL,
    title      TEXT NOT NULL,
    leader     TEXT NOT NULL DEFAULT '',
    due_on     TEXT NOT NULL DEFAULT '',
    days       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (letter_id, item_id)
);
CREATE INDEX letter_items_of_item ON letter_items (item_id, letter_id);
