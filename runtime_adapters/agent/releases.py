"""The folder of releases: one `<integration>--<environment>/release.json` each, whole or not there."""

import json
import logging
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from runtime_adapters.agent.files import read_json, write_atomically
from runtime_adapters.agent.state import State
from runtime_adapters.contract import MARKS_KEY, Generation, json_hash

SLUG = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
SLOT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
SKEW = timedelta(seconds=300)
RELOAD_LIMIT_S = 60.0
log = logging.getLogger("portolan.agent")


class Refused(Exception):
    """A slot of the desired state that the agent does not act on."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One slot of a verified desired state, checked for shape."""

    slot: str
    integration: str
    environment: str
    generation: Generation
    digest: str
    present: bool
    payload: Mapping[str, Any]
    not_after: datetime | None
    revoked: bool

    @property
    def folder(self) -> str:
        """`<integration>--<environment>`; a double dash inside a name is broken by a tilde, so that no two slots meet."""
        return "--".join(re.sub("-(?=-)", "-~", name) for name in (self.integration, self.environment))


@dataclass(frozen=True, slots=True)
class Held:
    """What is in a slot's file now. `payload` None: no file, or not ours any more."""

    digest: str | None = None
    native_revision: str | None = None
    content_hash: str | None = None
    payload: Mapping[str, Any] | None = None


def wanted_of(entry: Any) -> Wanted:
    """Check one entry of the desired state; names become paths, so they are checked here even though they are signed."""
    try:
        generation = Generation(_counter(entry["generation"]["timeline"]), _counter(entry["generation"]["n"]))
        wanted = Wanted(
            slot=_matching(SLOT_ID, entry["slot"]),
            integration=_matching(SLUG, entry["integration"]),
            environment=_matching(SLUG, entry["environment"]),
            generation=generation,
            digest=_matching(DIGEST, entry["digest"]) if entry["state"] == "present" else str(entry.get("digest") or ""),
            present={"present": True, "absent": False}[entry["state"]],
            payload=entry.get("payload") or {},
            not_after=moment(entry.get("not_after")),
            revoked=bool(entry.get("revoked")),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused("an entry of the desired state has the wrong shape") from None
    if not isinstance(wanted.payload, dict):
        raise Refused("a payload is not an object")
    return wanted


class Releases:
    """Brings files in line with what is wanted. Never goes back to an older generation, never half writes."""

    def __init__(self, folder: Path, state: State, reload_command: Sequence[str] | None) -> None:
        self._folder, self._state, self._reload = folder, state, reload_command
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def reloads(self) -> bool:
        """Whether an engine is told of changes; its exit code is then the engine's word."""
        return bool(self._reload)

    def converge(self, wanted: Wanted, now: datetime) -> str | None:
        """Bring one slot in line. Return what was done: installed, removed, failed:<reason>, or None when nothing was to do."""
        before = self._state.highest(wanted.slot)
        self._guard(wanted, before)
        new = before is None or wanted.generation > before[0]
        held = self.held(wanted)
        if not new and (held.payload is not None or not wanted.present):
            return None if wanted.present else self._take_out(wanted, new)  # an edit by hand is reported, not undone
        if wanted.revoked or (wanted.not_after is not None and now > wanted.not_after + SKEW):
            raise Refused("the authorisation is revoked" if wanted.revoked else "the authorisation has expired")
        if not wanted.present:
            return self._take_out(wanted, new)
        self._write(wanted)
        return self._settled(wanted, wanted.digest, "installed")

    def held(self, wanted: Wanted) -> Held:
        """Read back what is really in the file."""
        document = read_json(self._path(wanted))
        if not isinstance(document, dict) or not isinstance(document.get("payload"), dict):
            return Held()
        payload = document["payload"]
        bare = {key: value for key, value in payload.items() if key != MARKS_KEY}
        digest = str(document.get("release", ""))
        return Held(digest if DIGEST.fullmatch(digest) else None, json_hash(document), json_hash(bare), payload)

    def _guard(self, wanted: Wanted, before: tuple[Generation, str | None] | None) -> None:
        if before is None:
            return
        highest, digest = before
        if wanted.generation < highest:
            raise Refused(f"generation {wanted.generation} is older than {highest}, which was here")
        if wanted.generation == highest and (wanted.digest if wanted.present else None) != digest:
            raise Refused(f"generation {highest} comes back with other content")

    def _take_out(self, wanted: Wanted, new: bool) -> str | None:
        path = self._path(wanted)
        there = path.exists()
        if there:
            shutil.rmtree(path.parent)
        return self._settled(wanted, None, "removed") if there or new else None

    def _settled(self, wanted: Wanted, digest: str | None, done: str) -> str:
        """Reload, then remember: after a crash in between, the change is made and told to the engine again."""
        failure = self._reloaded(wanted)
        self._state.accept(wanted.slot, wanted.generation, digest, failure)
        return f"failed:{failure}" if failure else done

    def _write(self, wanted: Wanted) -> None:
        document = {
            "slot": wanted.slot,
            "integration": wanted.integration,
            "environment": wanted.environment,
            "generation": str(wanted.generation),
            "release": wanted.digest,
            "payload": wanted.payload,
        }
        write_atomically(self._path(wanted), json.dumps(document, indent=1, ensure_ascii=True).encode() + b"\n")

    def _reloaded(self, wanted: Wanted) -> str | None:
        """Run the reload command, if there is one; return the reason when it did not succeed."""
        if not self._reload:
            return None
        try:
            done = subprocess.run([*self._reload], timeout=RELOAD_LIMIT_S, check=False, stdin=subprocess.DEVNULL, cwd=self._folder)
        except subprocess.TimeoutExpired:
            return "reload-timeout"
        except OSError as error:
            return f"reload-{type(error).__name__}"
        log.info("reload for %s ended with %s", wanted.folder, done.returncode)
        return None if done.returncode == 0 else f"reload-exit-{done.returncode}"

    def _path(self, wanted: Wanted) -> Path:
        return self._folder / wanted.folder / "release.json"


def moment(text: Any) -> datetime | None:
    """Read an RFC 3339 time with an offset; None stays None. Raises ValueError otherwise."""
    if text is None:
        return None
    at = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    if at.tzinfo is None:
        raise ValueError("a time without an offset")
    return at.astimezone(UTC)


def _matching(pattern: re.Pattern[str], text: Any) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise ValueError("not a name")
    return text


def _counter(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a counter")
    return value
