-- Work handed over when people move: who, to whom, by whom, when, why and how much.
-- What was handed over stands in each item's own trail as well.

-- +goose Up

CREATE TABLE handovers (
    id       {{.id}},
    unit_id  BIGINT NOT NULL REFERENCES units (id),
    from_id  BIGINT NOT NULL REFERENCES users (id),
    to_id    BIGINT NOT NULL REFERENCES users (id),
    by_id    BIGINT NOT NULL,
    at       {{.instant}} NOT NULL,
    why      TEXT NOT NULL,
    items    INTEGER NOT NULL
);
CREATE INDEX handovers_of_unit ON handovers (unit_id, id);
