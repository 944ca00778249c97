"""Real server processes on a free loopback port, and the processor time that they and their database sessions used."""

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import psycopg

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 60
_TICKS = os.sysconf("SC_CLK_TCK")
KINDS = ("gthread", "sync", "granian")


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor milliseconds used so far: by the server's processes, and by this database's sessions (None: not on this machine)."""

    app_ms: float
    database_ms: float | None


@dataclass(slots=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    boot_s: float

    def usage(self) -> Usage:
        """As of now."""
        return Usage(sum(map(_cpu_ms, self.pids())), _database_ms())

    def pids(self) -> list[int]:
        """The master and its workers."""
        return [self.process.pid, *_children(self.process.pid)]

    def memory_mb(self) -> float:
        """The largest worker's proportional share of memory, in MB of 10^6 bytes."""
        return max(_pss_kb(pid) for pid in self.pids()[1:] or self.pids()) * 1024 / 1e6


@contextmanager
def serving(application: str, probe: str, *, log: Path, kind: str = "gthread", workers: int = 2, threads: int = 4) -> Iterator[Server]:
    """Serve `module:application` until the block ends; `probe` is a path that must answer below 500 first."""
    port = _free_port()
    env = {**os.environ, "PORT": str(port), "WEB_WORKERS": str(workers), "WEB_THREADS": str(threads)}
    env |= {"WEB_WORKER_CLASS": kind if kind != "granian" else "gthread"}
    started = perf_counter()
    with log.open("ab") as out:
        process = subprocess.Popen(_command(kind, application, port, workers, threads), cwd=ROOT, env=env, stdout=out, stderr=out)
    try:
        _wait_for(process, port, probe, log)
        yield Server(process, port, perf_counter() - started)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def available(kind: str) -> bool:
    """granian is no dependency of ours: it is compared where it happens to be installed."""
    return kind != "granian" or importlib.util.find_spec("granian") is not None


def _command(kind: str, application: str, port: int, workers: int, threads: int) -> Sequence[str]:
    if kind == "granian":
        sizes = ["--workers", str(workers), "--blocking-threads", str(threads), "--host", "127.0.0.1", "--port", str(port)]
        return [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-access-log", *sizes, application]
    return [sys.executable, "-m", "gunicorn", "-c", "python:config.server", application]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(process: "subprocess.Popen[bytes]", port: int, probe: str, log: Path) -> None:
    deadline = perf_counter() + READY_WITHIN_S
    while perf_counter() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(f"GET {probe} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            if connection.recv(12)[9:10] in {b"2", b"3", b"4"}:
                return
        sleep(0.05)
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-3000:]}")


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _cpu_ms(pid: int) -> float:
    """User and system time of a process, from /proc (proc(5): fields 14 and 15, in clock ticks)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS


def _pss_kb(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def _database_ms() -> float | None:
    """Of all sessions on the benchmark's database but the asking one; those that have ended are not seen."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        pids = [int(pid) for (pid,) in rows.fetchall()]
    if not all(_is_postgres(pid) for pid in pids):
        return None
    return sum(map(_cpu_ms, pids))


def _is_postgres(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().startswith("postgres")
    return False
