-- Calendar feeds: one secret address a person, kept as a hash.

-- +goose Up

CREATE TABLE feeds (
    user_id     BIGINT PRIMARY KEY REFERENCES users (id),
    token       TEXT NOT NULL UNIQUE,
    created_at  {{.instant}} NOT NULL,
    used_on     TEXT NOT NULL DEFAULT ''
);
