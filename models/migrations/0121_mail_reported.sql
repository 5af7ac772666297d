-- On which day a server reported later that mail to an address does not arrive: that ours
-- takes such mail proves nothing then.

-- +goose Up

ALTER TABLE users ADD COLUMN mail_reported_on TEXT NOT NULL DEFAULT '';
