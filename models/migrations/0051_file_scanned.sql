-- When a scanner looked through a file and found nothing; none where there was no scanner.

-- +goose Up

ALTER TABLE files ADD COLUMN scanned_at {{.instant}};
