-- A unit's own number no longer names an item by itself: two ledgers of one unit both
-- begin with 1. Who is who is told by models/match, and asked where it cannot be told.

-- +goose Up

DROP INDEX items_ledger_no;
CREATE INDEX items_ledger_no ON items (round_id, unit_id, ledger_no) WHERE ledger_no <> '' AND status <> 'voided';
