"""Organisation-wide rights and token scopes. No role and no scope gives a vote by itself."""

from enum import StrEnum


class Role(StrEnum):
    """administrator: edits the landscape and sees all; auditor: sees all and reads the log; operator: connects runtimes."""

    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class Scope(StrEnum):
    """What a token may be used for; it never exceeds its owner."""

    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    CHANGES_READ = "changes:read"
    CHANGES_REQUEST = "changes:request"
    CHANGES_VOTE = "changes:vote"
    CHANGES_DISPATCH = "changes:dispatch"
    RUNTIME_PULL = "runtime:pull"
    RUNTIME_REPORT = "runtime:report"
    AUDIT_READ = "audit:read"
    ADMIN = "admin"
