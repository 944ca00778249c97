"""Evidence packs: events with their proofs, the texts they commit to, and what they speak about, in one signed zip."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.domain import archive, dsse, facts, verbs
from audit.domain.errors import EventMissing
from audit.selectors import events, log
from audit.selectors.events import EventView
from audit.services import disclose, keys, registry, sequence, sign
from foundation.canonical import jcs

PACK_TYPE = "application/vnd.portolan.pack+json"
PACK_FORMAT = "portolan-pack/1"
_RESERVED = frozenset({"pack.json", "checkpoint", "events.jsonl", "registry.jsonl", "keys.txt", "README.txt"})
_README = """Portolan evidence pack

Check it offline with the stand-alone verifier (Python and the cryptography package, nothing else):

    python verify.py {name}.zip --key '<the log key you were given>'

events.jsonl    the events in the log's order, each with its inclusion proof and the texts it commits to
registry.jsonl  the log's own definition of the events it may hold
checkpoint      the signed head of the log that every proof leads to
keys.txt        the log's verification key; compare it with the one you were given
pack.json       signed list of every file
"""


def build_pack(
    *,
    now: datetime,
    subjects: Iterable[tuple[str, UUID]] = (),
    event_ids: Iterable[UUID] = (),
    extra_files: Mapping[str, bytes] | None = None,
    with_texts: bool = True,
) -> bytes:
    """Return the pack (zip bytes) of whole subjects' histories and single events, up to a head signed now.

    `extra_files` are covered by the signature; the verifier checks `manifests/<hex>.json` (its RFC 8785 digest, which an event must
    name) and `blobs/<hex>` (its digest). The caller has decided that the reader may see all of it, texts included.
    Raises EventMissing when an event does not exist, LogForked when the signer refuses, BadFileName.
    """
    histories = list(subjects)
    wanted = _wanted(histories, list(event_ids))
    _place_everything(now)
    head = log.log_head()
    registry_events = [one for one in events.by_ids(events.ids_where(verbs.REGISTRY_VERB)) if _covered(one, head.size)]
    files = {
        **(extra_files or {}),
        "checkpoint": head.note.encode(),
        "events.jsonl": _lines(events.by_ids(wanted), head.size, with_texts=with_texts),
        "registry.jsonl": _lines(registry_events, head.size, with_texts=False),
        "keys.txt": f"{keys.log_vkey()}\n".encode(),
        "README.txt": _README.format(name="pack").encode(),
    }
    if _RESERVED & set(extra_files or {}):
        raise archive.BadFileName("That name belongs to the pack itself.")
    files["pack.json"] = dsse.sealed(PACK_TYPE, jcs(_listing(files, histories, now)), keys.signing_key())
    return archive.packed_zip(files)


def _wanted(subjects: list[tuple[str, UUID]], event_ids: list[UUID]) -> list[UUID]:
    found = {one.id for one in events.by_ids(event_ids)}
    if len(found) != len(set(event_ids)):
        raise EventMissing
    return list(found | {one.id for one in events.history_of(subjects)})


def _place_everything(now: datetime) -> None:
    """Whoever asks for evidence need not wait for the worker."""
    registry.publish_registry(now)
    sequence.sequence_all(now)
    sign.sign_latest(now)


def _covered(event: EventView, size: int) -> bool:
    return event.index is not None and event.index < size


def _lines(found: list[EventView], size: int, *, with_texts: bool) -> bytes:
    placed = [one for one in found if _covered(one, size)]
    proofs = log.inclusion_proofs([one.index for one in placed if one.index is not None], size)
    texts = disclose.texts_of([one.id for one in placed]) if with_texts else {}
    return b"".join(jcs(_line(one, proofs[one.index or 0], texts.get(one.id, []))) + b"\n" for one in placed)


def _line(event: EventView, proof: list[bytes], texts: list[disclose.Text]) -> dict[str, Any]:
    return {
        "index": event.index,
        "leaf": _b64(log.body_of(event.id)),
        "proof": [_b64(step) for step in proof],
        "sequenced_at": facts.time_text(event.sequenced_at or event.at),
        "disclosures": [{"path": text.path, "salt": _b64(text.salt), "value": text.value} for text in texts],
    }


def _listing(files: Mapping[str, bytes], histories: list[tuple[str, UUID]], now: datetime) -> dict[str, Any]:
    rows = [{"name": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in sorted(files.items())]
    complete = sorted([kind, str(key)] for kind, key in histories)
    return {"format": PACK_FORMAT, "origin": keys.log_origin(), "made_at": facts.time_text(now), "complete": complete, "files": rows}


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
