"""Ask, bring in line, tell; again and again, whoever is away."""

import json
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from runtime_adapters.agent.files import write_atomically
from runtime_adapters.agent.flow import FlowEngine
from runtime_adapters.agent.link import Answer, Link, LinkDown
from runtime_adapters.agent.releases import SKEW, Held, Refused, Releases, Wanted, moment, wanted_of
from runtime_adapters.agent.state import State
from runtime_adapters.agent.trust import Untrusted, keep_head, open_envelope, read_key

BACKOFF_BASE_S, BACKOFF_CAP_S = 1.0, 60.0
BATCH = 500
UNACCEPTABLE = frozenset({400, 413, 422})  # the report itself is at fault: trying again cannot help
log = logging.getLogger("portolan.agent")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two pulls, two health reports, and two unchanged observations."""

    every_s: float = 5.0
    health_s: float = 5.0
    observe_s: float = 15.0


class Agent:
    """One runtime's agent. `cycle` is one round and may be called by hand; `run` goes on until stopped."""

    def __init__(
        self,
        link: Link,
        state: State,
        releases: Releases,
        *,
        key_file: Path | None = None,
        flows: FlowEngine | None = None,
        pace: Pace | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._link, self._state, self._releases, self._flows, self._now = link, state, releases, flows, now
        self._pace = pace or Pace()
        self._key_file = key_file
        self._stopping = False
        self._told: dict[str, tuple[Any, ...]] = {}
        self._told_at = self._health_at = float("-inf")
        self._refusals: dict[str, str] = {}

    def stop(self) -> None:
        """Ask `run` to end. A plain flag, because an Event may deadlock when it is set by a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Work until stopped. While the server is away: full jitter, doubling from 1 s to 60 s; the flows go on."""
        if self._flows is not None:
            self._flows.start()
        failures = 0
        self.resume()
        while not self._stopping:
            try:
                self.cycle()
            except (LinkDown, Untrusted) as error:
                failures += 1
                pause_s = _pause_s(failures, error.after_s if isinstance(error, LinkDown) else None)
                log.warning("%s; trying again in %.1f s", error, pause_s)
            else:
                failures, pause_s = 0, self._pace.every_s * random.uniform(0.9, 1.1)  # noqa: S311 - spreads load
            self._wait(pause_s)
        if self._flows is not None:
            self._flows.stop()
            self._queue_health(last=True)

    def resume(self) -> None:
        """Start what was running before, from the last good envelope, before anybody was asked."""
        kept = self._state.envelope
        if kept is None:
            return
        try:
            desired = open_envelope(kept, self._pinned() or self._first_key())
        except (Untrusted, LinkDown) as error:
            log.warning("the kept desired state cannot be used: %s", error)
            return
        self._converge(desired)

    def cycle(self) -> None:
        """One round: pull, bring in line, report. Raises LinkDown or Untrusted; what runs goes on either way."""
        self._queue_health()
        desired = self._pull()
        results = self._converge(desired) if desired is not None else []
        try:
            self._tell(results)
        finally:
            self._tell_health()

    def _wait(self, pause_s: float) -> None:
        end = time.monotonic() + pause_s
        while not self._stopping and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def _pull(self) -> dict[str, Any] | None:
        """Return the desired state: the new one, or after 304 the kept one."""
        key = self._pinned() or self._first_key()
        answer: Answer = self._link.desired(self._state.etag)
        body = self._state.envelope if answer.status == 304 else answer.body
        if body is None:
            self._state.forget_etag()
            return None
        desired = open_envelope(body, key)
        if answer.status == 200:
            until = _expiry(desired)
            if until is not None and self._now() > until + SKEW:
                raise Untrusted("the desired state has expired")
            keep_head(self._state.folder, desired.get("log_head"))
            self._state.keep_envelope(body, answer.etag)
            log.info("new desired state with %s slots", len(desired["slots"]))
        return desired

    def _converge(self, desired: dict[str, Any]) -> list[tuple[Wanted, Held, str, str | None]]:
        """Bring every slot in line; return what is in each now, as (wanted, held, result, reason)."""
        results = []
        for entry in desired["slots"]:
            try:
                wanted = wanted_of(entry)
            except Refused as refusal:
                self._refuse(entry, str(refusal))
                continue
            try:
                done = self._releases.converge(wanted, self._now())
            except Refused as refusal:
                self._refuse(entry, str(refusal))
                results += self._kept(wanted, str(refusal))
                continue
            if done is not None:
                log.info("%s generation %s: %s", wanted.folder, wanted.generation, done)
            held = self._releases.held(wanted)
            results.append((wanted, held, *self._result(wanted, held)))
        return results

    def _kept(self, refused: Wanted, why: str) -> list[tuple[Wanted, Held, str, str | None]]:
        """Say what stays in a slot whose new state was refused, so that nobody takes silence for consent; nothing if none ever came."""
        highest = self._state.highest(refused.slot)
        if highest is None:
            return []
        stays = replace(refused, generation=highest[0], digest=highest[1] or "")
        failure = self._state.failure(refused.slot)
        return [(stays, self._releases.held(stays), "failed" if failure else "recorded", failure or why)]

    def _result(self, wanted: Wanted, held: Held) -> tuple[str, str | None]:
        """Say recorded, started or failed. A failed reload stays failed until another generation is tried."""
        started = held.payload is not None and self._releases.reloads
        if self._flows is not None and held.payload is not None:
            started = self._flows.load(wanted, held.payload) or started
        elif self._flows is not None:
            self._flows.unload(wanted.slot)
        failure = self._state.failure(wanted.slot)
        return ("failed", failure) if failure else ("started" if started else "recorded", None)

    def _tell(self, results: list[tuple[Wanted, Held, str, str | None]]) -> None:
        """Report what changed at once, and everything again now and then, so that silence means something."""
        due = time.monotonic() - self._told_at >= self._pace.observe_s
        fresh = {wanted.slot: (wanted.generation, result, reason, held.content_hash) for wanted, held, result, reason in results}
        chosen = [row for row in results if due or self._told.get(row[0].slot) != fresh[row[0].slot]]
        for start in range(0, len(chosen), BATCH):
            self._link.observations([self._observation(*row) for row in chosen[start : start + BATCH]])
        if due:
            self._told_at = time.monotonic()
        self._told = {**self._told, **fresh}

    def _observation(self, wanted: Wanted, held: Held, result: str, reason: str | None) -> dict[str, Any]:
        observation: dict[str, Any] = {
            "slot": wanted.slot,
            "generation": {"timeline": wanted.generation.timeline, "n": wanted.generation.n},
            "digest": held.digest or "",
            "native_revision": held.native_revision,
            "content_hash": held.content_hash,
            "seq": self._state.next_seq(),
            "result": result,
        }
        return {**observation, "reason": reason} if reason else observation

    def _tell_health(self) -> None:
        """Send all that waits; a repeated delivery has the same keys. What the server cannot read is given up alone."""
        size = BATCH
        while self._state.outbox:
            batch = self._state.outbox[:size]
            try:
                _log_refused(self._link.health(batch).body)
            except LinkDown as error:
                if error.status not in UNACCEPTABLE:
                    raise
                if size > 1:
                    size = max(1, len(batch) // 2)
                    continue
                log.error("a health report was given up: %s", error)
            self._state.sent(len(batch))

    def _queue_health(self, *, last: bool = False) -> None:
        """Put what was measured on disk, now and then, whether or not anybody can be told."""
        if self._flows is None or (not last and time.monotonic() - self._health_at < self._pace.health_s):
            return
        self._health_at = time.monotonic()
        windows = self._flows.drain()
        if windows:
            self._state.queue([window.reading(self._now(), self._state.next_seq()) for window in windows])

    def _refuse(self, entry: Any, reason: str) -> None:
        """Tell the log once per reason, not every few seconds."""
        slot = str(entry.get("slot", "?"))[:36] if isinstance(entry, dict) else "?"
        if self._refusals.get(slot) != reason:
            self._refusals[slot] = reason
            log.error("refused for slot %s: %s", slot, reason)

    def _pinned(self) -> Ed25519PublicKey | None:
        path = self._key_file or self._state.folder / "desired.pub"
        if not path.exists():
            if self._key_file is not None:
                raise Untrusted(f"the key file {path} is missing")
            return None
        return read_key(path.read_bytes())

    def _first_key(self) -> Ed25519PublicKey:
        """Trust on first use: ask once, keep for ever. `--desired-key` avoids even that."""
        body = self._link.key()
        key = read_key(body)
        write_atomically(self._state.folder / "desired.pub", body)
        log.warning("pinned the server's key on first use")
        return key


def _pause_s(failures: int, wish_s: float | None) -> float:
    ceiling = min(BACKOFF_CAP_S, BACKOFF_BASE_S * 2 ** min(failures, 10))
    return max(wish_s or 0.0, random.uniform(0.1, ceiling))  # noqa: S311 - spreads load


def _expiry(desired: dict[str, Any]) -> datetime | None:
    try:
        return moment(desired.get("not_after"))
    except ValueError:
        raise Untrusted("the desired state has no readable expiry") from None


def _log_refused(body: bytes) -> None:
    try:
        refused = json.loads(body).get("refused") or []
    except (ValueError, AttributeError):
        return
    for item in refused[:5]:
        log.warning("a health report was refused: %s", str(item)[:200])
