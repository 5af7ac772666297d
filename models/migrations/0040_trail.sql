-- The trail that cannot be quietly rewritten. An event's record is its canonical
-- bytes, which is what was hashed: the columns beside it are for queries and must say
-- the same. Events are added and never changed, whoever asks.

-- +goose Up

ALTER TABLE events ADD COLUMN result TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN record TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN leaf   TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN seal   TEXT NOT NULL DEFAULT '';
CREATE INDEX events_of_actor ON events (actor_id, id);

-- The leaf of an item's newest event, which the next one names.
ALTER TABLE items ADD COLUMN head TEXT NOT NULL DEFAULT '';

{{if .sqlite}}
-- +goose StatementBegin
CREATE TRIGGER events_stay BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are added and never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER events_remain BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are added and never removed'); END;
-- +goose StatementEnd
{{else}}
-- +goose StatementBegin
CREATE FUNCTION events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'events are added and never changed or removed'; END $$;
-- +goose StatementEnd
CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION events_stay();
CREATE TRIGGER events_remain BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION events_stay();
REVOKE UPDATE, DELETE, TRUNCATE ON events FROM CURRENT_USER;
{{end}}
