"""A difference between two texts as a table: both line numbers, a sign, and marks on what changed inside a line."""

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.domain.text_differences import frequent

CONTEXT_LINES: Final = 3
MAX_LINES: Final = 4000
MAX_LINE_CHARS: Final = 2000
LIKE_ENOUGH: Final = 0.4
_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Row:
    """One line of the difference: kind (same, add, del, gap), line numbers on both sides, text as safe markup."""

    kind: str
    old: int | None
    new: int | None
    text: SafeString


def _marked(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Return both lines with their differing spans wrapped in <del> and <ins>; unlike lines stay unmarked."""
    if max(len(old), len(new)) > MAX_LINE_CHARS:
        return format_html("{}", old), format_html("{}", new)
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    matcher = difflib.SequenceMatcher(frequent(before, after), before, after, autojunk=False)
    if matcher.ratio() < LIKE_ENOUGH:
        return format_html("{}", old), format_html("{}", new)
    left, right = [], []
    for tag, a, b, c, d in matcher.get_opcodes():
        plain = tag == "equal"
        if b > a:
            left.append(format_html("{}" if plain else "<del>{}</del>", "".join(before[a:b])))
        if d > c:
            right.append(format_html("{}" if plain else "<ins>{}</ins>", "".join(after[c:d])))
    return _joined(left), _joined(right)


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def _replaced(old: Sequence[str], new: Sequence[str], a: int, c: int) -> Iterator[Row]:
    """Rows for a changed block: all removed lines, then all added ones, paired in order for the inner marks."""
    removed, added = [], []
    for n, (left, right) in enumerate(itertools.zip_longest(old, new)):
        if left is not None and right is not None:
            left_text, right_text = _marked(left, right)
        else:
            left_text, right_text = format_html("{}", left or ""), format_html("{}", right or "")
        if left is not None:
            removed.append(Row("del", a + n + 1, None, left_text))
        if right is not None:
            added.append(Row("add", None, c + n + 1, right_text))
    return itertools.chain(removed, added)


def _gap(count: int) -> Row:
    words = ngettext("%(count)d unchanged line", "%(count)d unchanged lines", count) % {"count": count}
    return Row("gap", None, None, format_html("{}", words))


def _unchanged(lines: Sequence[str], a: int, c: int, *, head: bool, tail: bool) -> Iterator[Row]:
    """Rows for an unchanged block, folded to the lines next to a change; `head`/`tail`: a change before/after it."""
    before, after = CONTEXT_LINES * head, CONTEXT_LINES * tail
    hidden = len(lines) - before - after
    if hidden < 2:
        before, hidden = len(lines), 0
    for n, line in enumerate(lines):
        if n == before and hidden:
            yield _gap(hidden)
        if n < before or n >= before + hidden:
            yield Row("same", a + n + 1, c + n + 1, format_html("{}", line))


def diff_rows(before: str, after: str) -> Iterator[Row]:
    """Yield the rows of the difference from `before` to `after`, with long unchanged stretches folded away."""
    old, new = before.splitlines(), after.splitlines()
    opcodes = difflib.SequenceMatcher(frequent(old, new), old, new, autojunk=False).get_opcodes()
    for n, (tag, a, b, c, d) in enumerate(opcodes):
        if tag == "equal":
            yield from _unchanged(old[a:b], a, c, head=n > 0, tail=n < len(opcodes) - 1)
        else:
            yield from _replaced(old[a:b], new[c:d], a, c)


def _row(row: Row) -> SafeString:
    if row.kind == "gap":
        return format_html('<tr class="gap"><td colspan="4">{}</td></tr>', row.text)
    sign, word = {"add": ("+", _("added")), "del": ("\N{MINUS SIGN}", _("removed")), "same": ("", "")}[row.kind]
    spoken = format_html('<span class="visually-hidden">{}</span>', word) if word else ""
    return format_html(
        '<tr class="{}"><td class="ln">{}</td><td class="ln">{}</td>'
        '<td class="sg"><span aria-hidden="true">{}</span>{}</td><td class="tx">{}</td></tr>',
        row.kind,
        row.old or "",
        row.new or "",
        sign,
        spoken,
        row.text or mark_safe("&nbsp;"),
    )


def diff_table(before: str, after: str, *, label: str) -> SafeString:
    """Return the difference as a scrollable, labelled table.

    A text of more than 4,000 lines is not compared line by line (the time grows with the square): the page says so.
    """
    if before == after:
        return format_html('<p class="empty">{}</p>', _("Both sides are the same, byte for byte."))
    if max(before.count("\n"), after.count("\n")) > MAX_LINES:
        return format_html('<p class="empty">{}</p>', _("Too long to compare here; read the payload below or download both."))
    body = format_html_join("", "{}", ((_row(row),) for row in diff_rows(before, after)))
    return format_html('<div class="diff" tabindex="0" role="region" aria-label="{}"><table><tbody>{}</tbody></table></div>', label, body)
