-- A body may speak twice of one submission, when the rules were changed after its first
-- word so that no other is awaited any more. That it does not speak twice at once is
-- the version's to see.

-- +goose Up

DROP INDEX verifications_once;
CREATE INDEX verifications_of_submission ON verifications (submission_id, body);
