"""A small engine that really works: it reads JSON order files, transforms them and writes them out, and counts what happens.

A payload asks for it with `{"flow": {"kind": "file-to-file", "every_s": 3, "source": "inbox", "target": "outbox",
"transform": {"rename": {old: new}, "uppercase": [names], "require": [names], "fail_when": {"field", "equals"}}}}`.
Demo orders are put into the source folder before each run, so that there is something to do.
"""

import contextlib
import json
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runtime_adapters.agent.files import write_atomically
from runtime_adapters.agent.releases import Wanted

KEPT_FILES = 200  # newest results and rejects kept per slot
PER_RUN = 100
log = logging.getLogger("portolan.agent.flow")


class RecordFailed(Exception):
    """One record could not be transformed; the text is its error class."""


@dataclass
class Window:
    """What one release did between two reports."""

    wanted: Wanted
    start: datetime
    runs: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def reading(self, end: datetime, seq: int) -> dict[str, Any]:
        """Return the health report item for this window; the key makes a repeated delivery harmless."""
        return {
            "key": f"{self.wanted.slot}:{seq}",
            "slot": self.wanted.slot,
            "integration": self.wanted.integration,
            "environment": self.wanted.environment,
            "digest": self.wanted.digest,
            "window_start": _rfc3339(self.start),
            "window_end": _rfc3339(end),
            "runs_started": self.runs["started"],
            "runs_succeeded": self.runs["succeeded"],
            "runs_failed": self.runs["failed"],
            "records_read": self.records["read"],
            "records_written": self.records["written"],
            "records_failed": self.records["failed"],
            "latency_ms": {
                "count": len(self.latencies_ms),
                "sum": round(sum(self.latencies_ms), 3),
                "max": round(max(self.latencies_ms, default=0.0), 3),
            },
            "errors": [{"class": name, "count": count} for name, count in sorted(self.errors.items())],
            "seq": seq,
        }


class FlowEngine:
    """Runs the flows of the releases that are in place, each at its own pace, on one thread."""

    def __init__(self, work: Path, *, seed: int | None = None) -> None:
        self._work = work
        self._random = random.Random(seed)  # noqa: S311 - demo orders, not secrets
        self._lock = threading.Lock()
        self._wanted: dict[str, Wanted] = {}
        self._flows: dict[str, Mapping[str, Any]] = {}
        self._due: dict[str, float] = {}
        self._windows: dict[tuple[str, str], Window] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flows", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def load(self, wanted: Wanted, payload: Mapping[str, Any]) -> bool:
        """Run this release from now on; return whether it holds a flow of this engine."""
        flow = payload.get("flow")
        if not (isinstance(flow, Mapping) and flow.get("kind") == "file-to-file"):
            self.unload(wanted.slot)
            return False
        with self._lock:
            self._wanted[wanted.slot], self._flows[wanted.slot] = wanted, flow
            self._due.setdefault(wanted.slot, 0.0)
        return True

    def unload(self, slot: str) -> None:
        with self._lock:
            self._wanted.pop(slot, None)
            self._flows.pop(slot, None)
            self._due.pop(slot, None)

    def drain(self) -> list[Window]:
        """Return what was counted since the last call and start anew."""
        with self._lock:
            windows, self._windows = list(self._windows.values()), {}
        return windows

    def run_due(self, now: float) -> float:
        """Run every flow that is due; return the seconds until the next one is."""
        with self._lock:
            due = [(wanted, self._flows[slot]) for slot, wanted in self._wanted.items() if self._due[slot] <= now]
        for wanted, flow in due:
            self._run_once(wanted, flow)
            with self._lock:
                if wanted.slot in self._due:
                    self._due[wanted.slot] = now + max(float(flow.get("every_s", 3)), 0.05)
        with self._lock:
            return max(0.0, min((at - time.monotonic() for at in self._due.values()), default=0.5))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                pause_s = self.run_due(time.monotonic())
            except Exception:  # one broken flow folder must not end the others
                log.exception("the flow engine stumbled")
                pause_s = 1.0
            self._stop.wait(min(max(pause_s, 0.02), 0.5))

    def _run_once(self, wanted: Wanted, flow: Mapping[str, Any]) -> None:
        """One run: make orders, transform each, count. A run with one failed record is a failed run."""
        folder, began = self._work / wanted.slot, datetime.now(UTC)
        source, target = folder / str(flow.get("source", "inbox")), folder / str(flow.get("target", "outbox"))
        errors: Counter[str] = Counter()
        latencies: list[float] = []
        records: Counter[str] = Counter()
        try:
            self._make_orders(source)
            for path in sorted(source.glob("*.json"))[:PER_RUN]:
                at = time.perf_counter()
                records["read"] += 1
                self._handle(path, target, folder / "rejected", flow.get("transform") or {}, records, errors)
                latencies.append((time.perf_counter() - at) * 1000)
            _prune(target)
            _prune(folder / "rejected")
        except OSError as error:
            errors[f"file-{type(error).__name__}".lower()] += 1
        self._count(wanted, began, records, latencies, errors)

    def _handle(
        self, path: Path, target: Path, rejected: Path, transform: Mapping[str, Any], records: Counter[str], errors: Counter[str]
    ) -> None:
        body = path.read_bytes()
        try:
            result = transformed(json.loads(body), transform)
        except (RecordFailed, ValueError) as error:
            errors[str(error) if isinstance(error, RecordFailed) else "not-json"] += 1
            records["failed"] += 1
            write_atomically(rejected / path.name, body, durable=False)
        else:
            write_atomically(target / path.name, json.dumps(result, indent=1).encode() + b"\n", durable=False)
            records["written"] += 1
        path.unlink()

    def _make_orders(self, source: Path) -> None:
        for _ in range(self._random.randint(2, 5)):
            number = self._random.randrange(10**9)
            order = {
                "id": f"A-{number:09d}",
                "customer": self._random.choice(["nordwind", "hansa", "adriatic", "biscay"]),
                "country": self._random.choice(["de", "it", "fr", "se"]),
                "total": round(self._random.uniform(5, 900), 2),
                "currency": "eur",
                "status": "new",
            }
            write_atomically(source / f"order-{number:09d}.json", json.dumps(order).encode(), durable=False)

    def _count(self, wanted: Wanted, began: datetime, records: Counter[str], latencies: list[float], errors: Counter[str]) -> None:
        with self._lock:
            window = self._windows.setdefault((wanted.slot, wanted.digest), Window(wanted, began))
            window.runs.update({"started": 1, "failed" if errors else "succeeded": 1})
            window.records.update(records)
            window.latencies_ms += latencies
            window.errors.update(errors)


def transformed(order: Any, transform: Mapping[str, Any]) -> dict[str, Any]:
    """Return the order with fields renamed, then upper-cased, then the required ones checked. Raises RecordFailed."""
    if not isinstance(order, dict):
        raise RecordFailed("not-an-object")
    condition = transform.get("fail_when")
    if condition and order.get(condition["field"]) == condition["equals"]:
        raise RecordFailed("refused-by-rule")
    result = dict(order)
    for old, new in transform.get("rename", {}).items():
        if old not in result:
            raise RecordFailed("missing-field")
        result[new] = result.pop(old)
    for name in transform.get("uppercase", []):
        if name not in result:
            raise RecordFailed("missing-field")
        if not isinstance(result[name], str):
            raise RecordFailed("not-text")
        result[name] = result[name].upper()
    if any(name not in result for name in transform.get("require", [])):
        raise RecordFailed("missing-field")
    return result


def _prune(folder: Path) -> None:
    """Keep the newest files; a demo runs for days."""
    files = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns) if folder.is_dir() else []
    for path in files[:-KEPT_FILES]:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
