"""Two database roles: the owner migrates, the application writes rows but cannot change the log."""

from typing import Any

from psycopg import sql

_APPEND_ONLY = ("audit_event", "audit_leaf", "audit_tile", "audit_checkpoint")
_NO_UPDATE = ("audit_pending", "audit_disclosure", "audit_disclosure_key")
_READ_ONLY = ("django_migrations",)

_GENERAL = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "REVOKE CREATE ON SCHEMA public FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "REVOKE TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA public FROM {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)


def apply_grants(cursor: Any, app_role: str) -> None:
    """Give the application role its rights, idempotently, as the owner of the tables; run it after every migration.

    Ordinary tables: all of SELECT, INSERT, UPDATE, DELETE. Events, leaves, tiles: SELECT and INSERT. Checkpoints: also the one
    signature. Outbox and texts: no UPDATE. The role itself must exist.
    """
    role = sql.Identifier(app_role)
    statements = [sql.SQL(text).format(role=role) for text in _GENERAL]
    statements += [_revoke("UPDATE, DELETE", table, role) for table in _APPEND_ONLY]
    statements += [_revoke("UPDATE", table, role) for table in _NO_UPDATE]
    statements += [_revoke("INSERT, UPDATE, DELETE", table, role) for table in _READ_ONLY]
    statements.append(sql.SQL("GRANT UPDATE (signed_note, signed_at) ON audit_checkpoint TO {}").format(role))
    for statement in statements:
        cursor.execute(statement)


def _revoke(rights: str, table: str, role: sql.Identifier) -> sql.Composed:
    return sql.SQL("REVOKE {} ON {} FROM {}").format(sql.SQL(rights), sql.Identifier(table), role)
