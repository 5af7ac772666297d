-- Which kinds of notices a person wants no word of, and which mails may be left.

-- +goose Up

CREATE TABLE notice_mutes (
    user_id  BIGINT NOT NULL REFERENCES users (id),
    act      TEXT NOT NULL,
    PRIMARY KEY (user_id, act)
);

ALTER TABLE mails ADD COLUMN optional BOOLEAN NOT NULL DEFAULT FALSE;
