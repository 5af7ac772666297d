-- How long the supervisors' answers take is asked of those that were given lately.

-- +goose Up
CREATE INDEX submissions_ended ON submissions (ended_at) WHERE ended_at IS NOT NULL;
