-- Robots of chat groups: where a group is told, each morning at most once, what is
-- late. Their messages are mails of the outbox; user_id is then who set the robot up.

-- +goose Up

CREATE TABLE webhooks (
    id           {{.id}},
    name         TEXT NOT NULL UNIQUE,
    maker        TEXT NOT NULL,
    address      TEXT NOT NULL,
    secret       TEXT NOT NULL DEFAULT '',
    unit_id      BIGINT REFERENCES units (id),
    language     TEXT NOT NULL DEFAULT '',
    stopped      BOOLEAN NOT NULL DEFAULT FALSE,
    heard_event  BIGINT NOT NULL DEFAULT 0,
    by_id        BIGINT NOT NULL REFERENCES users (id),
    created_at   {{.instant}} NOT NULL
);

ALTER TABLE mails ADD COLUMN webhook_id BIGINT;
CREATE INDEX mails_of_webhook ON mails (webhook_id, id) WHERE webhook_id IS NOT NULL;
