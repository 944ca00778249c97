"""Reading a command's input: every fault is collected, so that one refusal names all of them."""

import re
from collections.abc import Collection, Iterable

from accounts.domain.errors import Invalid
from foundation.errors import DomainError, FieldError, pointer_of
from foundation.secrets import secret_in_line, secret_in_prose, secret_in_text
from foundation.text import SLUG_RE, clean

USERNAME_RE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,61}[A-Za-z0-9])?\Z")


class Reading:
    """Collects faults while values are read; `close()` raises Invalid when there were any.

    No text, slug or user name may hold what looks like a secret: whatever is read here is kept, shown and remembered.
    """

    def __init__(self) -> None:
        self.faults: list[FieldError] = []

    def fault(self, pointer: str, code: str, detail: str) -> None:
        """Note one fault; `pointer` is an RFC 6901 pointer into the command's input."""
        self.faults.append(FieldError(pointer, code, detail))

    def line(self, field: str | tuple[str | int, ...], value: str, *, most: int, least: int = 1) -> str:
        """One line of clean text of `least` to `most` characters, without blanks around it."""
        return self._text(field, value, most=most, least=least, multiline=False)

    def lines(self, field: str | tuple[str | int, ...], value: str, *, most: int, least: int = 0) -> str:
        """The same with line breaks and tabs allowed."""
        return self._text(field, value, most=most, least=least, multiline=True)

    def slug(self, field: str, value: str) -> str:
        """1 to 63 letters, digits, hyphens and underscores; starts and ends with a letter or digit."""
        return self._matching(field, value, SLUG_RE, "slug", "Use 1 to 63 letters, digits, - and _; start and end with a letter or digit.")

    def username(self, field: str, value: str) -> str:
        """A slug that may also hold . @ and +."""
        return self._matching(
            field, value, USERNAME_RE, "username", "Use 1 to 63 letters, digits and . _ @ + -; start and end with a letter or digit."
        )

    def one_of(self, field: str | tuple[str | int, ...], value: str, allowed: Collection[str]) -> str:
        """One word of a closed list."""
        if value not in allowed:
            self.fault(_pointer(field), "not-a-choice", f"Choose one of: {', '.join(sorted(allowed))}.")
        return value

    def between(self, field: str, value: int, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fault(_pointer(field), "out-of-range", f"Give a whole number from {low} to {high}.")
        return value

    def words(self, field: str, values: Iterable[str], *, most: int = 63, count: int = 50) -> list[str]:
        """A list of distinct short lines, in the order given."""
        found = [self.line((field, index), value, most=most) for index, value in enumerate(values)]
        if len(found) > count:
            self.fault(_pointer(field), "too-many", f"At most {count} entries.")
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Raise Invalid when anything was wrong."""
        if self.faults:
            raise Invalid(errors=self.faults)

    def _matching(self, field: str, value: str, pattern: re.Pattern[str], code: str, detail: str) -> str:
        if not isinstance(value, str) or not pattern.match(value):
            self.fault(_pointer(field), code, detail)
        elif secret := secret_in_text(value):
            self.fault(_pointer(field), *secret)
        return value

    def _text(self, field: str | tuple[str | int, ...], value: str, *, most: int, least: int, multiline: bool) -> str:
        try:
            text = clean(value, multiline=multiline).strip()
        except DomainError as error:
            self.fault(_pointer(field), error.code, error.detail)
            return ""
        if not least <= len(text) <= most:
            self.fault(_pointer(field), "length", f"Use {least} to {most} characters.")
        elif secret := secret_in_prose(text) if multiline else secret_in_line(text, _names(field)):
            self.fault(_pointer(field), *secret)
        return text


def line_of(field: str, value: str, *, most: int, least: int = 1) -> str:
    """`Reading.line` of one text by itself. Raises Invalid."""
    reading = Reading()
    text = reading.line(field, value, most=most, least=least)
    reading.close()
    return text


def lines_of(field: str, value: str, *, most: int, least: int = 0) -> str:
    """`Reading.lines` of one text by itself. Raises Invalid."""
    reading = Reading()
    text = reading.lines(field, value, most=most, least=least)
    reading.close()
    return text


def refuse_secrets(field: str, query: Iterable[tuple[str, str]]) -> None:
    """Raise Invalid when a name or a value of a query, which is kept as it was asked, holds what looks like a secret."""
    for name, value in query:
        if secret := secret_in_line(name) or secret_in_line(value, [name]):
            raise Invalid(errors=[FieldError(_pointer(field), *secret)])


def _names(field: str | tuple[str | int, ...]) -> list[str]:
    return [field] if isinstance(field, str) else [name for name in field if isinstance(name, str)]


def _pointer(field: str | tuple[str | int, ...]) -> str:
    return pointer_of(*((field,) if isinstance(field, str) else field))
