"""What can go wrong, said without HTTP: a kind, a stable code, and pointers into the input.

Pure: domain packages import this; the edge alone turns a kind into a status.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from foundation.secrets import without_secrets


class Kind(StrEnum):
    """Why a command was not carried out."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    CONFLICT = "conflict"
    PRECONDITION = "precondition"
    PRECONDITION_REQUIRED = "precondition_required"
    INVALID = "invalid"
    FROZEN = "frozen"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"


STATUS: dict[Kind, int] = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.MISSING: 404,
    Kind.CONFLICT: 409,
    Kind.PRECONDITION: 412,
    Kind.INVALID: 422,
    Kind.FROZEN: 423,
    Kind.PRECONDITION_REQUIRED: 428,
    Kind.LIMITED: 429,
    Kind.UNAVAILABLE: 503,
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in the input: where (RFC 6901 JSON Pointer), a stable code, and a sentence.

    What was sent is sometimes told back, as the name of a field, say; a secret never is.
    """

    pointer: str
    code: str
    detail: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "pointer", without_secrets(self.pointer))
        object.__setattr__(self, "detail", without_secrets(self.detail))


def pointer_of(*parts: str | int) -> str:
    """The RFC 6901 JSON Pointer that names `parts` from the root; no parts is the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


class DomainError(Exception):
    """A refusal with a meaning. Subclasses are named for the fact and set `kind` and `code`.

    Without `detail` the first line of the subclass's docstring is the sentence people read.
    `extra` members are added to the problem document; they must be JSON values.
    """

    kind: ClassVar[Kind] = Kind.INVALID
    code: ClassVar[str] = "invalid"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        self.detail = without_secrets(str(detail)) or (type(self).__doc__ or "").strip().split("\n", 1)[0]
        self.errors = tuple(errors)
        self.extra: dict[str, Any] = dict(extra or {})
        self.retry_after_s = retry_after_s
        super().__init__(self.detail)

    @property
    def status(self) -> int:
        """The HTTP status that this kind answers with."""
        return STATUS[self.kind]
