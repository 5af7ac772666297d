-- The working calendar as the office entered it, one row a change: the days of one
-- year, where they come from, who entered them and when. A row is never changed; the
-- newest of a year holds, before what the program brings along.

-- +goose Up

CREATE TABLE calendar_years (
    version  BIGINT PRIMARY KEY,
    year     INTEGER NOT NULL,
    days     {{.json}} NOT NULL,
    by_id    BIGINT NOT NULL,
    at       {{.instant}} NOT NULL
);
CREATE INDEX calendar_years_of_year ON calendar_years (year, version);
