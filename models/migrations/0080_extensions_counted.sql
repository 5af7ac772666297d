-- Requests for another date are counted: those that wait, and how many were granted in
-- a round.

-- +goose Up

CREATE INDEX items_extended ON items (round_id, unit_id, category, extended) WHERE extended > 0;

-- How many waited at the ends of the nights before this, nobody has written down.
INSERT INTO overdue_figures (day, figure, unit_id, n)
    SELECT overdue_nights.day, 'asked', units.id, -1 FROM overdue_nights CROSS JOIN units;
