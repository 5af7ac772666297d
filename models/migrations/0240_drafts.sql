-- What a person has typed into a form and not sent yet: theirs alone, gone when it is sent.
-- It lies as plainly as what is sent does, in the same database.

-- +goose Up

CREATE TABLE drafts (
    id       {{.id}},
    user_id  BIGINT NOT NULL REFERENCES users (id),
    place    TEXT NOT NULL,
    fields   TEXT NOT NULL,
    at       {{.instant}} NOT NULL,
    UNIQUE (user_id, place)
);
