"""ZIP archives of strangers: their files as (path, bytes), each within limits, or a sentence that says why one is left out.

Nothing is written to disk and no name in an archive is used as one; it is only what the file is known by.
"""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from catalog.domain.imports.drafts import NotImported
from catalog.domain.imports.loading import MAX_BYTES

MAX_FILES: Final = 1000  # of one archive
MAX_TOTAL: Final = 20 * 1024 * 1024  # bytes unpacked
_MAX_NAME: Final = 500
_SMALLEST: Final = 46  # bytes of an entry in the directory, without its name
_END, _LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
_PLAIN: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

Unpacked = tuple[str, bytes | NotImported]


def is_archive(name: str, content: bytes) -> bool:
    """Whether it is meant to be one: by its ending and its first bytes (an empty one begins with its end)."""
    return name.lower().endswith(".zip") and content[:4] in {b"PK\x03\x04", _END}


def unpacked(content: bytes) -> list[Unpacked]:
    """The files in the order of their names; folders and hidden files are passed over.

    What is wrong with one file stands in the place of its bytes. Raises NotImported for what is wrong with the whole.
    """
    _check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_hidden(entry.filename)]
            if len(entries) > MAX_FILES:
                raise NotImported(f"The archive holds more than {MAX_FILES} files.")
            return list(_read(archive, sorted(entries, key=lambda entry: entry.filename)))
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OverflowError):
        raise NotImported("The archive is damaged: its list of files cannot be read.") from None


def _check_directory(content: bytes) -> None:
    """Refuse a directory that would cost more to list than a thousand names do. The large form (ZIP64) is never needed here."""
    tail = max(len(content) - 22 - 65535, 0)
    at = len(content) - 22 if content[-22:-18] == _END and content[-2:] == b"\x00\x00" else content.rfind(_END, tail)
    if at < 0 or len(content) < at + 22:
        raise NotImported("The archive is damaged: its end is missing.")
    (size,) = struct.unpack_from("<L", content, at + 12)
    if content[at - 20 : at - 16] == _LOCATOR or size > 2 * MAX_FILES * (_SMALLEST + _MAX_NAME):
        raise NotImported(f"The archive holds more than {MAX_FILES} files.")


def _read(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[Unpacked]:
    left = MAX_TOTAL
    for entry in entries:
        path = entry.filename.replace("\\", "/")
        wrong = _wrong_with(entry, path)
        content: bytes | NotImported = NotImported(wrong) if wrong else _content(archive, entry, min(MAX_BYTES, left) + 1)
        if isinstance(content, bytes):
            left -= len(content)
            if left < 0:
                raise NotImported(f"The archive unpacks to more than {MAX_TOTAL // 1024 // 1024} MiB.")
        yield path, content


def _wrong_with(entry: zipfile.ZipInfo, path: str) -> str:
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in path.split("/"):
        return "Its name leads out of the archive."
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "It is a link; only files are read."
    if entry.flag_bits & 0x1:
        return "It is encrypted; put it into the archive without a password."
    return "" if entry.compress_type in _PLAIN else "It is compressed in a way that is not read; use an ordinary ZIP (deflate)."


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes | NotImported:
    """At most `most` bytes, whatever the archive says of the size: no more is unpacked than is read."""
    try:
        with archive.open(entry) as opened:
            return opened.read(most)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        return NotImported("It is damaged in the archive.")


def _is_hidden(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") and part not in {".", ".."} for part in parts)
