-- What stood at the end of each day, recorded in its night: the past is kept, not
-- worked out from rows that have changed since.

-- +goose Up

-- The days whose night was recorded. A day that is not here is a gap.
CREATE TABLE overdue_nights (
    day  TEXT PRIMARY KEY,
    at   {{.instant}} NOT NULL
);

-- From which recorded night to before which an item was overdue, each stretch a
-- row, so that a night costs what changed in it.
CREATE TABLE overdue_spells (
    id       {{.id}},
    item_id  BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    unit_id  BIGINT NOT NULL,
    from_on  TEXT NOT NULL,
    to_on    TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX overdue_spells_open ON overdue_spells (item_id) WHERE to_on = '';
CREATE INDEX overdue_spells_ended ON overdue_spells (to_on, from_on, item_id);
CREATE INDEX overdue_spells_of_item ON overdue_spells (item_id, from_on, to_on);

-- The figures of each unit at the end of that day, by their names; none is 0.
CREATE TABLE overdue_figures (
    day      TEXT NOT NULL,
    figure   TEXT NOT NULL,
    unit_id  BIGINT NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    n        INTEGER NOT NULL,
    PRIMARY KEY (day, figure, unit_id)
);
CREATE INDEX overdue_figures_of_unit ON overdue_figures (unit_id);

-- What waits for which supervising body, which its category decides.
CREATE INDEX items_review_of ON items (category, unit_id, submitted_on, submitted_by) WHERE status = 'submitted';
