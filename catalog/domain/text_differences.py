"""What differs between two texts, line by line, in hunks: bounded in time and size whatever is compared."""

import difflib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

CONTEXT_LINES = 3
MAX_LINES = 3000
_SHORT = 400  # lines; up to here every line may anchor a match
_OFTEN = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk: `same`, `add` or `del`, with its number (from 1) on each side it stands on."""

    kind: str
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that changed, with up to three unchanged ones around them."""

    old_start: int
    new_start: int
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Difference:
    """`added` and `removed` count lines. A text of more than 3,000 lines is not compared: `too_long`, and no hunks."""

    hunks: list[Hunk] = field(default_factory=list)
    added: int = 0
    removed: int = 0
    too_long: bool = False


def difference(before: str, after: str) -> Difference:
    """From `before` to `after`."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MAX_LINES:
        return Difference(too_long=True)
    matcher = difflib.SequenceMatcher(frequent(old, new), old, new, autojunk=False)
    groups = matcher.get_grouped_opcodes(CONTEXT_LINES)
    hunks = [_hunk(group, old, new) for group in groups]
    kinds = [line.kind for hunk in hunks for line in hunk.lines]
    return Difference(hunks, kinds.count("add"), kinds.count("del"))


def frequent(old: Sequence[str], new: Sequence[str]) -> Callable[[str], bool] | None:
    """Which lines may not anchor a match, for difflib: in long texts those that repeat, whose pairs would cost the square of the length.

    They are still matched beside lines that anchor. None: every line may.
    """
    if max(len(old), len(new)) <= _SHORT:
        return None
    counted = Counter(new)
    often = {line for line, times in counted.items() if times > _OFTEN}
    return often.__contains__


def _hunk(opcodes: Sequence[tuple[str, int, int, int, int]], old: Sequence[str], new: Sequence[str]) -> Hunk:
    lines: list[Line] = []
    for tag, a, b, c, d in opcodes:
        if tag == "equal":
            lines += [Line("same", a + n + 1, c + n + 1, text) for n, text in enumerate(old[a:b])]
            continue
        lines += [Line("del", a + n + 1, None, text) for n, text in enumerate(old[a:b])]
        lines += [Line("add", None, c + n + 1, text) for n, text in enumerate(new[c:d])]
    return Hunk(opcodes[0][1] + 1, opcodes[0][3] + 1, lines)
