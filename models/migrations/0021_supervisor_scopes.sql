-- What of the ledger a supervisor is assigned to: a unit's items, those with a word
-- in their category, or both together. One without any row sees everything.

-- +goose Up

CREATE TABLE supervisor_scopes (
    id        {{.id}},
    user_id   BIGINT NOT NULL REFERENCES users (id),
    unit_id   BIGINT REFERENCES units (id),
    category  TEXT NOT NULL DEFAULT '',
    CONSTRAINT supervisor_scopes_of CHECK (unit_id IS NOT NULL OR category <> '')
);
CREATE UNIQUE INDEX supervisor_scopes_once ON supervisor_scopes (user_id, COALESCE(unit_id, 0), category);
