-- What came of verifying the trail, each night and whenever somebody asks.

-- +goose Up

CREATE TABLE trail_checks (
    id           {{.id}},
    at           {{.instant}} NOT NULL,
    took_ms      BIGINT NOT NULL,
    events       BIGINT NOT NULL,
    signed       BIGINT NOT NULL,
    items        BIGINT NOT NULL,
    checked_rows BIGINT NOT NULL,
    files        BIGINT NOT NULL,
    checkpoints  BIGINT NOT NULL,
    root         TEXT NOT NULL,
    findings     {{.json}} NOT NULL
);
