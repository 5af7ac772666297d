-- How often what every page reads, and seldom changes, was changed: people, units, rounds,
-- scopes, mail servers. A program that finds the number it knows need not read them again.
-- The number is raised at the very end of a transaction, so that nobody who holds it waits
-- for anything else.

-- +goose Up

CREATE TABLE changes (
    id  INTEGER PRIMARY KEY,
    n   BIGINT NOT NULL
);
INSERT INTO changes (id, n) VALUES (1, 0);

{{if .sqlite}}
-- +goose StatementBegin
CREATE TRIGGER users_added AFTER INSERT ON users
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER users_changed AFTER UPDATE ON users
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER users_removed AFTER DELETE ON users
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER units_added AFTER INSERT ON units
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER units_changed AFTER UPDATE ON units
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER units_removed AFTER DELETE ON units
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rounds_added AFTER INSERT ON rounds
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rounds_changed AFTER UPDATE ON rounds
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rounds_removed AFTER DELETE ON rounds
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER supervisor_scopes_added AFTER INSERT ON supervisor_scopes
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER supervisor_scopes_changed AFTER UPDATE ON supervisor_scopes
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER supervisor_scopes_removed AFTER DELETE ON supervisor_scopes
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER mail_servers_added AFTER INSERT ON mail_servers
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER mail_servers_changed AFTER UPDATE ON mail_servers
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER mail_servers_removed AFTER DELETE ON mail_servers
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; END;
-- +goose StatementEnd
{{else}}
-- +goose StatementBegin
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE changes SET n = n + 1 WHERE id = 1; RETURN NULL; END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER users_changed AFTER INSERT OR UPDATE OR DELETE ON users
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE CONSTRAINT TRIGGER units_changed AFTER INSERT OR UPDATE OR DELETE ON units
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE CONSTRAINT TRIGGER rounds_changed AFTER INSERT OR UPDATE OR DELETE ON rounds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE CONSTRAINT TRIGGER supervisor_scopes_changed AFTER INSERT OR UPDATE OR DELETE ON supervisor_scopes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE CONSTRAINT TRIGGER mail_servers_changed AFTER INSERT OR UPDATE OR DELETE ON mail_servers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change();
{{end}}
