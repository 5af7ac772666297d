-- What an old ledger says is done and nobody has checked here: the day on which it was
-- taken in, from which the supervisors' clock runs. '' for all else.

-- +goose Up

ALTER TABLE items ADD COLUMN stated_on TEXT NOT NULL DEFAULT '';
CREATE INDEX items_stated ON items (stated_on, id) WHERE stated_on <> '';
CREATE INDEX items_stated_of ON items (import_id, id) WHERE stated_on <> '';
