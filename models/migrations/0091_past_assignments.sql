-- Who once answered for an item as its leader or handler: nobody decides about what was
-- their own work. Records say what each column was before; what they say of the time
-- before this table is taken over from them.

-- +goose Up

CREATE TABLE past_assignments (
    item_id  BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    user_id  BIGINT NOT NULL,
    PRIMARY KEY (item_id, user_id)
);
{{if .sqlite}}
INSERT INTO past_assignments (item_id, user_id)
SELECT DISTINCT item_id, CAST(before AS BIGINT) FROM (
    SELECT item_id, json_extract(record, '$.changed.leader_id[0]') AS before FROM events WHERE item_id IN (SELECT id FROM items) AND json_valid(record)
    UNION ALL
    SELECT item_id, json_extract(record, '$.changed.handler_id[0]') FROM events WHERE item_id IN (SELECT id FROM items) AND json_valid(record)
) AS said WHERE before <> '';
{{else}}
INSERT INTO past_assignments (item_id, user_id)
SELECT DISTINCT item_id, CAST(before AS BIGINT) FROM (
    SELECT item_id, SUBSTRING(record FROM '[{,]"leader_id":\["([0-9]{1,18})","') AS before FROM events WHERE item_id IN (SELECT id FROM items)
    UNION ALL
    SELECT item_id, SUBSTRING(record FROM '[{,]"handler_id":\["([0-9]{1,18})","') FROM events WHERE item_id IN (SELECT id FROM items)
) AS said WHERE before IS NOT NULL;
{{end}}
