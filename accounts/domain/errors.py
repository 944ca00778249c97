"""What can be refused about people, teams and tokens."""

from foundation.errors import DomainError, Kind


class Invalid(DomainError):
    """Some of the input breaks a rule; `errors` names each place."""

    kind, code = Kind.INVALID, "invalid"


class SlugTaken(DomainError):
    """The name is taken, in this or another spelling."""

    kind, code = Kind.CONFLICT, "slug-taken"


class UsernameTaken(DomainError):
    """The user name is taken, in this or another spelling."""

    kind, code = Kind.CONFLICT, "username-taken"


class PersonMissing(DomainError):
    """There is no such account."""

    kind, code = Kind.MISSING, "user-missing"


class TeamMissing(DomainError):
    """There is no such team."""

    kind, code = Kind.MISSING, "team-missing"


class TokenMissing(DomainError):
    """You have no such token."""

    kind, code = Kind.MISSING, "token-missing"


class AdministratorsOnly(DomainError):
    """Only administrators may do this."""

    kind, code = Kind.FORBIDDEN, "administrators-only"


class ScopeBeyondOwner(DomainError):
    """A token cannot be given more than its owner or the credential that asks for it may do."""

    kind, code = Kind.FORBIDDEN, "scope-beyond-owner"


class LastAdministrator(DomainError):
    """This is the last active administrator; name another one first."""

    kind, code = Kind.CONFLICT, "last-administrator"


class TeamCycle(DomainError):
    """A team cannot stand below itself."""

    kind, code = Kind.CONFLICT, "team-cycle"


class TokenRevoked(DomainError):
    """The token was revoked."""

    kind, code = Kind.UNAUTHENTICATED, "token-revoked"


class TokenExpired(DomainError):
    """The token has expired."""

    kind, code = Kind.UNAUTHENTICATED, "token-expired"


class TokenUnknown(DomainError):
    """The token is not one of ours."""

    kind, code = Kind.UNAUTHENTICATED, "token-unknown"


class AccountInactive(DomainError):
    """The account is switched off."""

    kind, code = Kind.UNAUTHENTICATED, "account-inactive"
