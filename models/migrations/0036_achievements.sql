-- What a rectification has brought about, in numbers that are reported upwards: rules
-- made, money recovered (in fen), people held to account, each with what it rests on.

-- +goose Up

CREATE TABLE achievements (
    id             {{.id}},
    item_id        BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    kind           TEXT NOT NULL,
    n              BIGINT NOT NULL,
    basis          TEXT NOT NULL,
    by_id          BIGINT NOT NULL,
    at             {{.instant}} NOT NULL,
    withdrawn_why  TEXT NOT NULL DEFAULT '',
    withdrawn_by   BIGINT NOT NULL DEFAULT 0,
    withdrawn_at   {{.instant}},
    CONSTRAINT achievements_kind CHECK (kind IN ('rules', 'money', 'people') AND n > 0)
);
CREATE INDEX achievements_of_item ON achievements (item_id, id);
