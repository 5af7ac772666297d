-- Items of a ledger that was just taken in, whose words are not in the index yet. Until
-- they are, a search looks at the items themselves.

-- +goose Up

CREATE TABLE item_words_due (
    item_id BIGINT PRIMARY KEY
);
