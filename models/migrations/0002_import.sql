-- Ledgers taken in: the file until it is done with, what the person said of it, and
-- what it did to each item, so that the whole can be undone for a day.

-- +goose Up

CREATE TABLE imports (
    id           {{.id}},
    file_name    TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    size         BIGINT NOT NULL,
    content      {{.bytes}},
    round_id     BIGINT NOT NULL REFERENCES rounds (id),
    unit_id      BIGINT REFERENCES units (id),
    tier         TEXT NOT NULL DEFAULT '',
    year         INTEGER NOT NULL DEFAULT 0,
    found_on     TEXT NOT NULL DEFAULT '',
    notice_on    TEXT NOT NULL DEFAULT '',
    feedback_on  TEXT NOT NULL DEFAULT '',
    window_end   TEXT NOT NULL DEFAULT '',
    columns      {{.json}} NOT NULL,
    answers      {{.json}} NOT NULL,
    state        TEXT NOT NULL,
    by_id        BIGINT NOT NULL,
    at           {{.instant}} NOT NULL,
    done_at      {{.instant}},
    undone_at    {{.instant}},
    rows_read    INTEGER NOT NULL DEFAULT 0,
    items_new    INTEGER NOT NULL DEFAULT 0,
    items_changed INTEGER NOT NULL DEFAULT 0,
    items_same   INTEGER NOT NULL DEFAULT 0,
    refused      INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT imports_state CHECK (state IN ('uploaded', 'done', 'undone'))
);
CREATE INDEX imports_of_unit ON imports (unit_id, id);
CREATE INDEX imports_file ON imports (sha256);

-- What an import did to an item. Before is what stood there, empty for a new item.
CREATE TABLE import_changes (
    import_id      BIGINT NOT NULL REFERENCES imports (id),
    item_id        BIGINT NOT NULL,
    number         TEXT NOT NULL,
    version_after  INTEGER NOT NULL,
    before         TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (import_id, item_id)
);

-- What a unit's heading was last said to mean.
CREATE TABLE import_columns (
    unit_id  BIGINT NOT NULL REFERENCES units (id),
    heading  TEXT NOT NULL,
    field    TEXT NOT NULL,
    PRIMARY KEY (unit_id, heading)
);
