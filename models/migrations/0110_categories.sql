-- Which categories there are, each found by one step: who sees an item, and whose
-- verdict it needs, is decided by its category.

-- +goose Up

CREATE INDEX items_category ON items (category);
