-- Lists read what they show: an index for each order, and for each filter in the order of
-- urgency. That is one day an item: until it is handed in, the day it is due; then the day
-- it was handed in; then the day it was struck off. What of a filter has one status is in
-- its index by that day (sqlPlace in list.go says it in the same words). The conditions on
-- indexes leave nothing out: who asks for them says them, and nobody else reads the index.

-- +goose Up

DROP INDEX items_unit_lane;
CREATE INDEX items_unit_lane ON items (unit_id, tier, status, (CASE status WHEN 'submitted' THEN submitted_on WHEN 'closed' THEN closed_on ELSE due_on END), id) WHERE unit_id > 0;
DROP INDEX items_lane;
DROP INDEX items_submitted_lane;
DROP INDEX items_closed_lane;
CREATE INDEX items_lane ON items (tier, status, (CASE status WHEN 'submitted' THEN submitted_on WHEN 'closed' THEN closed_on ELSE due_on END), id);
DROP INDEX items_leader;
CREATE INDEX items_leader ON items (leader, tier, status, (CASE status WHEN 'submitted' THEN submitted_on WHEN 'closed' THEN closed_on ELSE due_on END), id) WHERE leader >= '';
DROP INDEX items_category;
CREATE INDEX items_category ON items (category, tier, status, (CASE status WHEN 'submitted' THEN submitted_on WHEN 'closed' THEN closed_on ELSE due_on END), id) WHERE category >= '';
CREATE INDEX items_handler ON items (handler, tier, status, (CASE status WHEN 'submitted' THEN submitted_on WHEN 'closed' THEN closed_on ELSE due_on END), id) WHERE handler >= '';
CREATE INDEX items_round ON items (round_id, status, (CASE status WHEN 'submitted' THEN submitted_on WHEN 'closed' THEN closed_on ELSE due_on END), id) WHERE round_id > 0;
DROP INDEX items_import;
CREATE INDEX items_import ON items (import_id, status, (CASE status WHEN 'submitted' THEN submitted_on WHEN 'closed' THEN closed_on ELSE due_on END), id) WHERE import_id IS NOT NULL;
CREATE INDEX items_standing ON items (status, (CASE status WHEN 'submitted' THEN submitted_on WHEN 'closed' THEN closed_on ELSE due_on END), id) WHERE standing = TRUE;

-- Orders of a reader's choice, of whatever was not voided.
CREATE INDEX items_by_due ON items (due_on, id) WHERE status <> 'voided';
CREATE INDEX items_by_unit ON items (unit_id, due_on, id) WHERE status <> 'voided';
CREATE INDEX items_by_tier ON items (tier, id) WHERE status <> 'voided';
CREATE INDEX items_by_leader ON items (leader, due_on, id) WHERE status <> 'voided';
CREATE INDEX items_by_category ON items (category, due_on, id) WHERE status <> 'voided';
CREATE INDEX items_by_progress ON items (progress_on, id) WHERE status <> 'voided';
CREATE INDEX items_by_title ON items (title, id) WHERE status <> 'voided';
CREATE INDEX items_by_measures ON items (measures_done, id) WHERE status <> 'voided';
CREATE INDEX items_by_closed ON items (closed_on, id) WHERE status <> 'voided';

-- What waits for whose word is counted in memory, and listed from items_submitted.
DROP INDEX items_review_of;
