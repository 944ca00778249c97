"""What the agent must not forget over a restart: generations, sequence number, unsent reports, the last good envelope."""

import json
import time
from pathlib import Path
from typing import Any

from runtime_adapters.agent.files import read_json, write_atomically
from runtime_adapters.contract import Generation

OUTBOX_LIMIT = 5_000  # reports kept while nobody answers; the oldest go first


class State:
    """The state folder. Every change is on disk before anything that depends on it leaves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        kept = read_json(folder / "state.json")
        self._kept: dict[str, Any] = kept if isinstance(kept, dict) else {}
        waiting = read_json(folder / "outbox.json")
        self.outbox: list[dict[str, Any]] = waiting if isinstance(waiting, list) else []

    @property
    def etag(self) -> str | None:
        return self._kept.get("etag")

    @property
    def envelope(self) -> bytes | None:
        path = self.folder / "desired.dsse.json"
        return path.read_bytes() if path.exists() else None

    def keep_envelope(self, body: bytes, etag: str | None) -> None:
        """Keep an envelope that was verified. The tag follows the body, so that a crash between asks again."""
        write_atomically(self.folder / "desired.dsse.json", body, mode=0o600)
        self._kept["etag"] = etag
        self._save()

    def forget_etag(self) -> None:
        self._kept["etag"] = None
        self._save()

    def next_seq(self) -> int:
        """Return a number never given before, not even in an earlier life whose state was lost: it never lags behind the clock.

        So an agent whose state came from a backup, or that shares its token with another, is heard again at once.
        """
        seq = max(int(self._kept.get("seq") or 0) + 1, int(time.time() * 1000))
        self._kept["seq"] = seq
        self._save()
        return seq

    def highest(self, slot: str) -> tuple[Generation, str | None] | None:
        """Return the highest generation ever accepted for a slot, and its digest (None: absent)."""
        entry = self._kept.get("slots", {}).get(slot)
        return (Generation(*entry["generation"]), entry["digest"]) if entry else None

    def failure(self, slot: str) -> str | None:
        """Return why the engine refused what was last brought into the slot; None when it did not."""
        failure: str | None = self._kept.get("slots", {}).get(slot, {}).get("failure")
        return failure

    def accept(self, slot: str, generation: Generation, digest: str | None, failure: str | None = None) -> None:
        entry = {"generation": [generation.timeline, generation.n], "digest": digest, "failure": failure}
        self._kept.setdefault("slots", {})[slot] = entry
        self._save()

    def queue(self, reports: list[dict[str, Any]]) -> None:
        self.outbox = [*self.outbox, *reports][-OUTBOX_LIMIT:]
        self._save_outbox()

    def sent(self, count: int) -> None:
        self.outbox = self.outbox[count:]
        self._save_outbox()

    def _save(self) -> None:
        write_atomically(self.folder / "state.json", json.dumps(self._kept).encode(), mode=0o600)

    def _save_outbox(self) -> None:
        write_atomically(self.folder / "outbox.json", json.dumps(self.outbox).encode(), mode=0o600)
