-- What of an old ledger's done items is drawn to be checked: a draw like those of
-- re-checks, of the items of one import, and each drawn item with what was found.

-- +goose Up

ALTER TABLE recheck_draws ADD COLUMN import_id BIGINT NOT NULL DEFAULT 0;

CREATE TABLE stated_samples (
    id        {{.id}},
    draw_id   BIGINT NOT NULL REFERENCES recheck_draws (id),
    item_id   BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    place     INTEGER NOT NULL,
    outcome   TEXT NOT NULL DEFAULT '',
    words     TEXT NOT NULL DEFAULT '',
    by_id     BIGINT NOT NULL DEFAULT 0,
    done_on   TEXT NOT NULL DEFAULT '',
    CONSTRAINT stated_samples_outcome CHECK (outcome IN ('', 'holds', 'failed', 'dropped'))
);
CREATE UNIQUE INDEX stated_samples_of_draw ON stated_samples (draw_id, place);
CREATE UNIQUE INDEX stated_samples_pending ON stated_samples (item_id) WHERE outcome = '';
CREATE INDEX stated_samples_of_item ON stated_samples (item_id, id);
