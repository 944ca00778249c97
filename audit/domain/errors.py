"""What the log refuses. Most of these are mistakes of the calling code, never of a person."""

from foundation.errors import DomainError, Kind


class BadLeaf(DomainError):
    """The event cannot become a leaf of the log."""

    kind, code = Kind.INVALID, "bad-leaf"


class UnknownVerb(BadLeaf):
    """The verb is not in the registry."""

    code = "unknown-verb"


class BadFact(BadLeaf):
    """A fact is unknown to its verb, missing, or not of its type."""

    code = "bad-fact"


class LeafTooLarge(BadLeaf):
    """The event is larger than a leaf may be."""

    code = "leaf-too-large"


class VersionGap(DomainError):
    """The subject's previous version has no event in the log."""

    kind, code = Kind.CONFLICT, "version-gap"


class BadProof(DomainError):
    """The proof does not lead to the root."""

    kind, code = Kind.INVALID, "bad-proof"


class BadNote(DomainError):
    """The signed note is malformed or its signature does not hold."""

    kind, code = Kind.INVALID, "bad-note"


class EventMissing(DomainError):
    """There is no such event."""

    kind, code = Kind.MISSING, "not-found"


class TileMissing(DomainError):
    """The log has no such tile."""

    kind, code = Kind.MISSING, "not-found"


class NotSignedYet(DomainError):
    """The log has no signed checkpoint that covers this yet."""

    kind, code = Kind.UNAVAILABLE, "not-signed-yet"


class LogForked(DomainError):
    """The log is smaller than, or differs from, the last signed head; nothing is signed."""

    kind, code = Kind.CONFLICT, "log-forked"


class KeyUnusable(DomainError):
    """A key file is missing, unreadable or not private."""

    kind, code = Kind.UNAVAILABLE, "key-unusable"


class LogNotShared(DomainError):
    """Reading the log needs the auditor right."""

    kind, code = Kind.FORBIDDEN, "auditor-right-needed"


class NoSuchMoment(DomainError):
    """`as_of` is an index of the log, or an RFC 3339 time such as 2026-11-23T18:00:00Z."""

    kind, code = Kind.MALFORMED, "no-such-moment"
