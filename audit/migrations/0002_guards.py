"""What the database itself refuses: changes to the log, holes in it, a second signature under a head."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The log is append-only: % of % is refused.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION audit_dense_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lowest bigint; highest bigint; many bigint;
BEGIN
    SELECT min("index"), max("index"), count(*) INTO lowest, highest, many FROM fresh;
    IF many = 0 THEN RETURN NULL; END IF;
    IF lowest < 0 OR highest - lowest + 1 <> many
       OR (lowest > 0 AND NOT EXISTS (SELECT 1 FROM audit_leaf WHERE "index" = lowest - 1)) THEN
        RAISE EXCEPTION 'The log has no holes: leaves % to % do not continue it.', lowest, highest USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_sign_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_note IS NOT NULL OR NEW.signed_note IS NULL OR NEW.size <> OLD.size OR NEW.root <> OLD.root
       OR NEW.origin <> OLD.origin OR NEW.created_at <> OLD.created_at THEN
        RAISE EXCEPTION 'A checkpoint is only ever signed, once.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_leaf_dense AFTER INSERT ON audit_leaf REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION audit_dense_leaves();
CREATE TRIGGER audit_checkpoint_sign_once BEFORE UPDATE ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION audit_sign_once();
CREATE TRIGGER audit_checkpoint_kept BEFORE DELETE OR TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""

APPEND_ONLY = "".join(
    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();\n"
    for table in ("audit_event", "audit_leaf", "audit_tile")
)

UNDO = """
DROP TRIGGER audit_event_append_only ON audit_event;
DROP TRIGGER audit_leaf_append_only ON audit_leaf;
DROP TRIGGER audit_tile_append_only ON audit_tile;
DROP TRIGGER audit_leaf_dense ON audit_leaf;
DROP TRIGGER audit_checkpoint_sign_once ON audit_checkpoint;
DROP TRIGGER audit_checkpoint_kept ON audit_checkpoint;
DROP FUNCTION audit_refuse_change();
DROP FUNCTION audit_dense_leaves();
DROP FUNCTION audit_sign_once();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTIONS + APPEND_ONLY, UNDO)]
