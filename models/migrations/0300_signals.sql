-- What the nightly observation asks about items and units, with what it rests on, and
-- what a supervisor answered. A question whose ground is gone ends; one that was
-- answered rests until its ground changes, which is another question.

-- +goose Up

CREATE TABLE signals (
    id           {{.id}},
    unit_id      BIGINT NOT NULL REFERENCES units (id) ON DELETE CASCADE,
    round_id     BIGINT NOT NULL,
    item_id      BIGINT REFERENCES items (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    strength     INTEGER NOT NULL,
    shown        {{.json}} NOT NULL,
    ground       TEXT NOT NULL,
    raised_on    TEXT NOT NULL,
    ended_on     TEXT NOT NULL DEFAULT '',
    words        TEXT NOT NULL DEFAULT '',
    answered_by  BIGINT NOT NULL DEFAULT 0,
    answered_at  {{.instant}},
    CONSTRAINT signals_answered CHECK ((answered_by = 0) = (words = ''))
);
CREATE INDEX signals_of_item ON signals (item_id, id);
CREATE INDEX signals_of_unit ON signals (unit_id, round_id) WHERE ended_on = '';

CREATE TABLE observations (
    id        {{.id}},
    event_id  BIGINT NOT NULL,
    at        {{.instant}} NOT NULL,
    units     INTEGER NOT NULL
);
