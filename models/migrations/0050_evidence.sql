-- Evidence: a document number, a note, a file, or all of these, for an item or for one
-- of its measures. A row is added and never changed; one that replaces another names
-- it, and both stay. The bytes of files lie in the vault, each once within a unit.

-- +goose Up

CREATE TABLE files (
    id       {{.id}},
    unit_id  BIGINT NOT NULL REFERENCES units (id),
    sha256   TEXT NOT NULL,
    size     BIGINT NOT NULL,
    type     TEXT NOT NULL,
    key      TEXT NOT NULL UNIQUE,
    at       {{.instant}} NOT NULL
);
CREATE UNIQUE INDEX files_once ON files (unit_id, sha256);

-- Pictures made small, which can be made again at any time.
CREATE TABLE file_thumbnails (
    file_id  BIGINT PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    content  {{.bytes}} NOT NULL
);

CREATE TABLE evidence (
    id          {{.id}},
    item_id     BIGINT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    measure_id  BIGINT REFERENCES measures (id) ON DELETE SET NULL,
    doc_no      TEXT NOT NULL DEFAULT '',
    note        TEXT NOT NULL DEFAULT '',
    file_id     BIGINT REFERENCES files (id),
    file_name   TEXT NOT NULL DEFAULT '',
    earlier_id  BIGINT REFERENCES evidence (id) ON DELETE CASCADE,
    by_id       BIGINT NOT NULL,
    at          {{.instant}} NOT NULL
);
CREATE INDEX evidence_of_item ON evidence (item_id, id);
CREATE INDEX evidence_of_measure ON evidence (measure_id) WHERE measure_id IS NOT NULL;
CREATE INDEX evidence_file ON evidence (file_id) WHERE file_id IS NOT NULL;
CREATE UNIQUE INDEX evidence_replaced_once ON evidence (earlier_id) WHERE earlier_id IS NOT NULL;
