"""The really running service, started as `make run` starts it, on a folder, port and database of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent.parent
START_LIMIT_S = 180
INHERITED = {
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "PORTOLAN_VAR",
    "DJANGO_SETTINGS_MODULE",
    "PORTOLAN_SCRATCH_APP_URL",
    "CELERY_BROKER_URL",
}


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Caller:
    """Somebody with a token."""

    def __init__(self, base: str, token: str) -> None:
        self.base, self.token = base, token

    def __call__(self, method: str, path: str, body: Any = None, *, expect: int | None = None, **headers: str) -> Answer:
        """Call the API; `expect` asserts the status and shows the problem otherwise."""
        data = None if body is None else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        address = self.base + (path if path.startswith("/audit/log/") else f"/api/v1{path}")
        call = urllib.request.Request(address, data=data, method=method, headers=given)  # noqa: S310 - http on loopback
        try:
            with urllib.request.urlopen(call, timeout=30) as reply:  # noqa: S310
                answer = Answer(reply.status, dict(reply.headers), reply.read())
        except urllib.error.HTTPError as error:
            with error:
                answer = Answer(error.code, dict(error.headers), error.read())
        if expect is not None:
            assert answer.status == expect, f"{method} {path} answered {answer.status}: {answer.content[:2000].decode(errors='replace')}"
        return answer


class RunningService:
    """`with RunningService() as service: service.people["owner"]("GET", "/me")`."""

    def __init__(self, *, environment: dict[str, str] | None = None, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="portolan-journey-"))
        if os.geteuid() == 0:
            self.folder.chmod(0o755)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment or {}
        self.output: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        env = {name: value for name, value in os.environ.items() if name not in INHERITED}
        env |= {"PORT": str(self.port), "PORTOLAN_VAR": str(self.folder / "var"), **self.environment}
        command = [sys.executable, "-m", "config.embedded", "run"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        ready = threading.Event()
        threading.Thread(target=self._read, args=(self.process, ready), daemon=True).start()
        if not ready.wait(START_LIMIT_S) or self.process.poll() is not None:
            said = "\n".join(self.output[-40:])
            self.stop()
            raise AssertionError(f"the service did not become ready:\n{said}")

    def _read(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        for line in process.stdout or ():
            self.output.append(line.rstrip())
            if line.startswith("Ready:"):
                ready.set()
        ready.set()

    def stop(self) -> None:
        """End it as Ctrl-C would, and wait."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=15)
        self.process = None

    @property
    def demo(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / "var" / "demo.json").read_text())
        return told

    @property
    def people(self) -> dict[str, Caller]:
        return {part: Caller(self.url, person["token"]) for part, person in self.demo["people"].items()}

    def runtime(self, slug: str) -> Caller:
        return Caller(self.url, self.demo["runtimes"][slug]["token"])

    def log_of(self, name: str) -> str:
        path = self.folder / "var" / "logs" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def child_pids(self, words: str) -> list[int]:
        """Processes of this service whose command line holds `words`."""
        assert self.process is not None
        listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
        rows = [re.split(r"\s+", line.strip(), maxsplit=2) for line in listed.splitlines()[1:]]
        return [int(pid) for pid, parent, args in rows if int(parent) == self.process.pid and words in args]


def eventually(look: Callable[[], Any], *, within_s: float = 60, every_s: float = 0.1, what: str = "") -> Any:
    """Look until the answer is truthy; fail with the last one after `within_s`."""
    end = time.monotonic() + within_s
    last: Any = None
    while time.monotonic() < end:
        last = look()
        if last:
            return last
        time.sleep(every_s)
    raise AssertionError(f"did not happen within {within_s} s: {what or look}; last seen {last!r}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
