"""Child processes: started in sessions of their own, watched, restarted with back-off, stopped by pid, reaped."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

LOG_BYTES = 20 * 2**20
RESTART_BASE_S, RESTART_CAP_S, STEADY_S = 0.5, 30.0, 60.0
_PR_SET_PDEATHSIG = 1


def orphan_guard(number: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` after which the kernel sends `number` when our process dies, so that SIGKILL leaves no orphans. Linux only."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def guard() -> None:
        library.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), number)

    return guard


def open_log(path: Path) -> BinaryIO:
    """Open a log for appending (0600); one that has grown past 20 MB is set aside as `.1` first."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(path.suffix + ".1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def note(text: str) -> None:
    """One line of the launcher's own log, on the terminal; a terminal that is gone must not stop the stopping."""
    with suppress(OSError):
        print(f"{datetime.now(tz=UTC):%H:%M:%S} {text}", flush=True)


@dataclass
class Child:
    """One program that should be running until `stop`."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str]
    cwd: Path
    stop_s: float = 10.0
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    restart_at: float = field(default=0.0)

    def start(self) -> None:
        with open_log(self.log) as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.cwd, env=dict(self.env), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=orphan_guard(signal.SIGTERM),  # noqa: PLW1509 - we have one thread
                pass_fds=self.pass_fds,
            )  # fmt: skip
        self.started_at = time.monotonic()

    def watch(self) -> None:
        """Start the program again when it has ended and its pause is over; the pause doubles up to half a minute."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self.failures = 1 if now - self.started_at > STEADY_S else self.failures + 1
            pause_s = min(RESTART_CAP_S, RESTART_BASE_S * 2 ** (self.failures - 1))
            self.process, self.restart_at = None, now + pause_s
            note(f"{self.name} ended unexpectedly ({_ending(code)}); starting it again in {pause_s:.1f} s. See {self.log}")
        elif now >= self.restart_at:
            self.start()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL for its whole session after `stop_s` seconds."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(self.stop_s)
        except subprocess.TimeoutExpired:
            note(f"{self.name} did not stop within {self.stop_s:.0f} s; ending it.")
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
