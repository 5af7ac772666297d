-- Who is to hear of an item because a supervisor urges it, and has had no mail of it
-- yet: looked for all day long.

-- +goose Up

CREATE INDEX notices_urged ON notices (user_id) WHERE act = 'urge' AND mailed_on = '' AND read_at IS NULL;
CREATE INDEX reminders_urged ON reminders (item_id, about) WHERE act = 'urge';
