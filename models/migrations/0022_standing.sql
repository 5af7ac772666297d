-- What is looked at again: standing items by their day, closed items drawn at random.

-- +goose Up

-- The review day the clock has already spoken of, as flagged_due is for deadlines.
ALTER TABLE items ADD COLUMN flagged_review TEXT NOT NULL DEFAULT '';
CREATE INDEX items_review ON items (review_on, id) WHERE standing = TRUE AND review_on <> '';

-- A draw keeps all it was drawn from, so that anyone can repeat it.
CREATE TABLE recheck_draws (
    id        {{.id}},
    seed      TEXT NOT NULL UNIQUE,
    numbers   TEXT NOT NULL,
    drawn     INTEGER NOT NULL,
    share     INTEGER NOT NULL,
    by_id     BIGINT NOT NULL,
    at        {{.instant}} NOT NULL,
    drawn_on  TEXT NOT NULL
);

CREATE TABLE rechecks (
    id         {{.id}},
    draw_id    BIGINT NOT NULL REFERENCES recheck_draws (id),
    item_id    BIGINT NOT NULL REFERENCES items (id),
    place      INTEGER NOT NULL,
    closed_on  TEXT NOT NULL,
    due_on     TEXT NOT NULL,
    flagged    BOOLEAN NOT NULL DEFAULT FALSE,
    outcome    TEXT NOT NULL DEFAULT '',
    words      TEXT NOT NULL DEFAULT '',
    by_id      BIGINT NOT NULL DEFAULT 0,
    done_on    TEXT NOT NULL DEFAULT '',
    CONSTRAINT rechecks_outcome CHECK (outcome IN ('', 'holds', 'failed'))
);
CREATE UNIQUE INDEX rechecks_of_draw ON rechecks (draw_id, place);
CREATE INDEX rechecks_of_item ON rechecks (item_id, id);
CREATE UNIQUE INDEX rechecks_pending ON rechecks (item_id) WHERE outcome = '';
CREATE INDEX rechecks_due ON rechecks (due_on) WHERE outcome = '' AND flagged = FALSE;
