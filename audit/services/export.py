"""The whole log as files, in the layout of C2SP tlog-tiles, for write-once storage and offline verification."""

from pathlib import Path

from audit.domain import checkpoints, tiles
from audit.selectors import log
from audit.services import keys


def export_log(folder: Path) -> int:
    """Write checkpoint, hash tiles, entry bundles and the key up to the newest signed head; return its size.

    Full tiles never change, so those already there are kept: exporting again into the same folder writes only what is new.
    """
    note = log.published_note()
    head = checkpoints.parse_head(checkpoints.parse_note(note)[0])
    for level, index, width in tiles.layout(head.size):
        path = folder / tiles.tile_path(level, index, width)
        if not path.exists():
            _write(path, b"".join(log.entries_of(level, index)[:width]))
        bundle = folder / tiles.tile_path("entries", index, width)
        if level == 0 and not bundle.exists():
            _write(bundle, tiles.bundle(log.bodies_from(index * tiles.WIDTH, width)))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "keys.txt").write_text(f"{keys.log_vkey()}\n")
    (folder / "checkpoint").write_text(note)  # last: a reader of a half-written export sees the older head
    return head.size


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(data)
    draft.replace(path)
