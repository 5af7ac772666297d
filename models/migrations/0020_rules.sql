-- The rules of the place, one row a change: what they became, who changed them,
-- when and why. A row is never changed; the newest holds.

-- +goose Up

CREATE TABLE rules (
    version  BIGINT PRIMARY KEY,
    rules    {{.json}} NOT NULL,
    by_id    BIGINT NOT NULL,
    at       {{.instant}} NOT NULL,
    why      TEXT NOT NULL DEFAULT ''
);

-- Which of the supervising bodies a supervisor is of. Until now only the name of
-- the department said so, in words.
ALTER TABLE users ADD COLUMN body_code TEXT NOT NULL DEFAULT '';
UPDATE users SET body_code = CASE
    WHEN body LIKE '%纪%' THEN 'jiwei'
    WHEN body LIKE '%党群%' OR body LIKE '%组织%' THEN 'dangqun'
    ELSE 'other' END
WHERE role = 'supervisor';
