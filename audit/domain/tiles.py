"""C2SP tlog-tiles: paths, widths, entry bundles (c2sp.org/tlog-tiles)."""

import re
import struct
from collections.abc import Iterable

from audit.domain.errors import TileMissing

HEIGHT = 8
WIDTH = 256
MAX_LEVEL = 7  # 2**64 leaves; the format allows 63

_INDEX = re.compile(r"(?:x[0-9]{3}/){0,6}[0-9]{3}\Z")
_WIDTH = re.compile(r"[1-9][0-9]{0,2}\Z")


def index_path(index: int) -> str:
    """`<N>`: groups of three digits, all but the last with `x` before: 1234067 is `x001/x234/067`."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return "/".join(groups)


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """The path below the log's prefix; `level` is a number, or `entries`; a width below 256 is a partial tile."""
    return f"tile/{level}/{index_path(index)}" + (f".p/{width}" if width < WIDTH else "")


def parse_index(path: str) -> tuple[int, int]:
    """Index and width of `<N>` or `<N>.p/<W>`; raise TileMissing for anything else, other spellings of a number included."""
    number, dot, width = path.partition(".p/")
    if not _INDEX.match(number) or (dot and (not _WIDTH.match(width) or int(width) >= WIDTH)):
        raise TileMissing
    index = int(number.replace("x", "").replace("/", ""))
    if index_path(index) != number:
        raise TileMissing
    return index, int(width) if dot else WIDTH


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a tree of `size` leaves (0 to 256); only full tiles count one level up."""
    entries = size >> (HEIGHT * level)
    return max(0, min(WIDTH, entries - index * WIDTH))


def layout(size: int) -> Iterable[tuple[int, int, int]]:
    """Every tile (level, index, width) of a tree of `size` leaves."""
    level = 0
    while size >> (HEIGHT * level):
        entries = size >> (HEIGHT * level)
        for index in range((entries + WIDTH - 1) // WIDTH):
            yield level, index, width_at(level, index, size)
        level += 1


def bundle(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: each entry behind its big-endian 16-bit length."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)
