-- What the program knows of the mail server from one start to the next: whether it
-- takes mail from us, why not, how much at a time; why each mail waits or failed; and
-- on which day an address was refused first, for one refusal marks nobody.

-- +goose Up

CREATE TABLE mail_servers (
    name       TEXT PRIMARY KEY,
    stage      TEXT NOT NULL DEFAULT '',
    cause      TEXT NOT NULL DEFAULT '',
    words      TEXT NOT NULL DEFAULT '',
    held_at    {{.instant}},
    told_at    {{.instant}},
    taken_at   {{.instant}},
    lines      INTEGER NOT NULL DEFAULT 0,
    per_minute INTEGER NOT NULL DEFAULT 0,
    learned_at {{.instant}}
);

ALTER TABLE mails ADD COLUMN cause TEXT NOT NULL DEFAULT '';
ALTER TABLE mails ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mails ADD COLUMN holds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN mail_refused_on TEXT NOT NULL DEFAULT '';
