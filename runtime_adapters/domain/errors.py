"""Refusals of the runtime side."""

from foundation.errors import DomainError, Kind


class SlotQuarantined(DomainError):
    """This release failed in this slot; it comes back only under another digest."""

    kind, code = Kind.CONFLICT, "slot-quarantined"


class NotPermitted(DomainError):
    """Only operators and administrators connect runtimes and look at slots again."""

    kind, code = Kind.FORBIDDEN, "not-permitted"


class NoSuchRuntime(DomainError):
    """There is no such runtime."""

    kind, code = Kind.MISSING, "runtime-missing"


class NoSuchSlot(DomainError):
    """There is no such slot."""

    kind, code = Kind.MISSING, "slot-missing"


class NoSuchDeployment(DomainError):
    """There is no such deployment."""

    kind, code = Kind.MISSING, "deployment-missing"


class RuntimeSlugTaken(DomainError):
    """Another runtime has this slug."""

    kind, code = Kind.CONFLICT, "slug-taken"


class BadRuntime(DomainError):
    """The runtime cannot be connected as described."""

    kind, code = Kind.INVALID, "runtime-invalid"


class NotARuntime(DomainError):
    """This credential does not belong to an enabled runtime."""

    kind, code = Kind.FORBIDDEN, "not-a-runtime"


class NotResumable(DomainError):
    """Only a halted deployment that is still the newest of its slot can be resumed."""

    kind, code = Kind.CONFLICT, "not-resumable"
