-- Whose an event is was indexed and is never looked up by that: the trail's page finds
-- people by their records as well, whose account may be gone. Every act paid for it.

-- +goose Up

DROP INDEX events_of_actor;
