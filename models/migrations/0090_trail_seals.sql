-- From which event on seals are demanded, as the program signed it. It lies in the
-- trail's folder as well, which is what is believed; here it is for programs on the
-- same register with another folder. What came of verifying is sealed.

-- +goose Up

ALTER TABLE trail_keys ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE trail_checks ADD COLUMN seal TEXT NOT NULL DEFAULT '';
