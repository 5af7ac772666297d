-- What is searched in stands piece by piece beside the items: the item's own words, its
-- measures, each note of progress, each piece of evidence; folded, so that what a reader
-- types finds what somebody else wrote. Beside each piece are the pairs of characters that
-- occur in it, indexed: two Chinese characters are a word, and so is one. The program fills
-- the tables when it finds them empty.

-- +goose Up

DROP TABLE item_search;

CREATE TABLE item_words (
    id       {{.id}},
    item_id  BIGINT NOT NULL REFERENCES items (id),
    kind     TEXT NOT NULL,
    of_id    BIGINT NOT NULL DEFAULT 0, -- the note's or the evidence's
    body     TEXT NOT NULL{{if not .sqlite}},
    pairs    TSVECTOR NOT NULL{{end}}
);
CREATE UNIQUE INDEX item_words_once ON item_words (item_id, kind, of_id);

-- How the words are folded and paired; another way makes them anew.
CREATE TABLE item_words_state (
    id    INTEGER PRIMARY KEY,
    way   INTEGER NOT NULL
);

{{if .sqlite}}
CREATE VIRTUAL TABLE item_pairs USING fts5(pairs, content='', contentless_delete=1, detail=none);
-- +goose StatementBegin
CREATE TRIGGER item_words_gone AFTER DELETE ON item_words
BEGIN DELETE FROM item_pairs WHERE rowid = OLD.id; END;
-- +goose StatementEnd
{{else}}
CREATE INDEX item_words_pairs ON item_words USING gin (pairs) WITH (gin_pending_list_limit = 256);
{{end}}
