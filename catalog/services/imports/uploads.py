"""What people upload: single files and archives of them, as the files of one batch."""

from collections.abc import Iterable

from accounts.domain.errors import Invalid
from catalog.domain.imports import NotImported, archives
from catalog.domain.imports.archives import Unpacked
from foundation.errors import FieldError


def unpacked(uploads: Iterable[tuple[str, bytes]]) -> list[Unpacked]:
    """Every file; those of an archive by their path in it, so that the archive's own name may change from one import to the next.

    Raises Invalid (422; the pointer is `/files/<index>`) for an archive that cannot be read as a whole.
    """
    found: list[Unpacked] = []
    for index, (name, content) in enumerate(uploads):
        if not archives.is_archive(name, content):
            found.append((name, content))
            continue
        try:
            inner = archives.unpacked(content)
        except NotImported as reason:
            raise _refused(index, str(reason)) from None
        if not inner:
            raise _refused(index, "The archive holds no file.")
        found.extend(inner)
    if len(found) > archives.MAX_FILES:
        raise _refused(0, f"These are more than {archives.MAX_FILES} files.")
    return found


def _refused(index: int, reason: str) -> Invalid:
    return Invalid(errors=[FieldError(f"/files/{index}", "archive", reason)])
