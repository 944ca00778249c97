"""`run`: database, preparation, web, worker and agents, in order; and back again in the other order."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from config.embedded import greeting, upgrade
from config.embedded.errors import CannotStart, told
from config.embedded.fingerprint import fingerprint
from config.embedded.places import ROOT, Places, places
from config.embedded.postgres import APP, OWNER, Cluster, cluster_for
from config.embedded.processes import Child, note, open_log, orphan_guard

READY_S = 90.0
FULL_BYTES = 2**20
WATCH_EVERY_S = 0.2


class StopAsked(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal."""


@dataclass
class Service:
    """The processes of one folder. `children` are stopped in the reverse of the order they were started in."""

    at: Places
    port: int
    children: list[Child] = field(default_factory=list)
    cluster: Cluster | None = None
    env: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_database(self) -> None:
        """Start our own PostgreSQL, unless DATABASE_URL names a server."""
        self.env = {**os.environ, "PORTOLAN_VAR": str(self.at.var), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        self.env.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
        self.env["PROMETHEUS_MULTIPROC_DIR"] = str(self._metrics_folder())
        if os.environ.get("DATABASE_URL"):
            note("Using the PostgreSQL that DATABASE_URL names.")
            return
        cluster = cluster_for(self.at)
        upgrade.bring_up_to_date(cluster, note)
        cluster.start()
        self.cluster = cluster
        for line in cluster.notes:
            note(line)
        self.env |= {"DATABASE_URL": cluster.url(APP), "DATABASE_OWNER_URL": cluster.url(OWNER)}

    def _metrics_folder(self) -> os.PathLike[str]:
        """Counters shared by the processes of one run start empty."""
        folder = self.at.run / "metrics"
        folder.mkdir(exist_ok=True)
        for old in folder.glob("*.db"):
            old.unlink()
        return folder

    def prepare(self) -> None:
        """Migrate, grant, publish the verb registry, collect static files: skipped while code and database are those prepared last."""
        code = fingerprint(self.env.get("DATABASE_OWNER_URL", self.env.get("DATABASE_URL", "")))
        if not (self.cluster and self.cluster.fresh) and self.at.state().get("prepared") == code:
            return
        note("Preparing the database …")
        self.at.remember(prepared=None)
        self._manage("prepare_database", "--backups", str(self.at.backups), PORTOLAN_AS_OWNER="1")
        self.at.remember(prepared=code)

    def load_demo(self) -> None:
        """The first start decides: a demo estate, or an empty house with PORTOLAN_DEMO=0. Later starts keep what is there."""
        if "demo" in self.at.state():
            return
        wanted = os.environ.get("PORTOLAN_DEMO", "1").lower() not in {"0", "no", "false", "off"}
        if wanted and any(ROOT.glob("*/management/commands/load_demo.py")):
            note("Loading the demo estate …")
            self._manage("load_demo")
        self.at.remember(demo="loaded" if wanted else "empty")

    def _manage(self, command: str, *arguments: str, **more_env: str) -> None:
        """Run a management command: what it prints is shown, what it logs goes to `setup.log`."""
        log_file = self.at.logs / "setup.log"
        with open_log(log_file) as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", command, *arguments], cwd=ROOT, env={**self.env, **more_env}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=log, start_new_session=True, preexec_fn=orphan_guard(signal.SIGTERM),  # noqa: PLW1509 - we have one thread
            )  # fmt: skip
            try:
                for line in process.stdout or ():
                    print(f"         {line.decode(errors='replace').rstrip()}", flush=True)
            except BaseException:
                process.terminate()
                raise
            finally:
                code = process.wait()
        if code:
            lines = log_file.read_text(errors="replace").strip().splitlines() or ["no reason given"]
            if any("No space left" in line or "DiskFull" in line for line in lines[-60:]):
                raise CannotStart(f"The disk is full: {command} could not finish. Free some space and start again.")
            raise CannotStart(f"`manage.py {command}` failed: {lines[-1].strip()} (all of it in {log_file})")

    def start_processes(self, listening: socket.socket) -> None:
        """Worker first, so that the first look at /readyz finds its heartbeat; then web; then the agents of the demo."""
        python = sys.executable
        self._start("worker", [python, "manage.py", "worker"])
        if self.env.get("CELERY_BROKER_URL"):
            options = ["worker", "--pool", "threads", "--concurrency", "4", "--loglevel", "INFO"]
            self._start("celery", [python, "-m", "celery", "-A", "config.celery", *options])
        bind = f"fd://{listening.fileno()}"
        web = [python, "-m", "gunicorn", "-c", "python:config.server", "--bind", bind, "config.wsgi:application"]
        self._start("web", web, stop_s=20.0, pass_fds=(listening.fileno(),))
        for number, agent in enumerate(self._agents(), 1):
            self._start(f"agent-{number}", [python, "-m", "runtime_adapters.agent", *agent], env=self._agent_env())

    def _start(self, name: str, command: list[str], **more: Any) -> None:
        child = Child(name, command, log=self.at.logs / f"{name}.log", env=more.pop("env", self.env), cwd=ROOT, **more)
        child.start()
        self.children.append(child)

    def _agents(self) -> list[list[str]]:
        """The arguments of each agent that the demo asks for; `{url}` stands for where this run answers."""
        demo = greeting.read_demo(self.at)
        return [[str(word).replace("{url}", self.url) for word in agent.get("args", [])] for agent in demo.get("agents", [])]

    def _agent_env(self) -> dict[str, str]:
        """An agent is a stranger: it gets a token file and no database."""
        hidden = {"DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL", "PROMETHEUS_MULTIPROC_DIR", "PORTOLAN_KEYS_DIR"}
        return {key: value for key, value in self.env.items() if key not in hidden}

    def wait_until_ready(self) -> None:
        """Ask /readyz until it says yes. Raises CannotStart with what it says instead."""
        deadline, said = time.monotonic() + READY_S, "no answer yet"
        while time.monotonic() < deadline:
            self._tend()
            ready, said = _readyz(self.url)
            if ready:
                return
            if all(child.failures >= 3 for child in self.children if child.name == "web"):
                break
            time.sleep(0.1)
        raise CannotStart(f"The service did not become ready: {said}. See the logs in {self.at.logs}.")

    def watch(self) -> None:
        """Keep everything running until a signal ends it."""
        while True:
            self._tend()
            time.sleep(WATCH_EVERY_S)

    def _tend(self) -> None:
        """Bring back what has ended. A database that does not come back ends the run."""
        if self.cluster and self.cluster.process and self.cluster.process.poll() is not None:
            note(f"The database ended unexpectedly; starting it again. See {self.at.logs}/postgres.log")
            self.cluster.start()
        for child in self.children:
            child.watch()

    def stop(self) -> None:
        """Agents, web, worker, then the database: each may finish what it has begun with what it needs still there."""
        for child in reversed(self.children):
            child.stop()
        if self.cluster:
            self.cluster.stop()


def run() -> int:
    """Run until told to stop; returns the exit code."""
    port = _port()
    at = places()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        signal.signal(number, _ask_to_stop)
    service = Service(at, port)
    try:
        at.make()
        with ExitStack() as held:
            held.enter_context(only_one(at, service.url))
            listening = held.enter_context(reserved(port))
            held.callback(_stop_in_peace, service, signals)
            _run(service, listening)
    except StopAsked:
        note("Stopped. All data is kept.")
    except OSError as error:
        raise told(error, f"writing to {at.var}") from error
    except CannotStart as refusal:
        raise _full_disk(at) or refusal from None
    return 0


def _full_disk(at: Places) -> CannotStart | None:
    """Without room every program fails in a way of its own: say what is behind it."""
    if shutil.disk_usage(at.var if at.var.exists() else at.var.parent).free > FULL_BYTES:
        return None
    return CannotStart(f"The disk is full: nothing can be written to {at.var}. Free some space and start again.")


def with_database(command: list[str]) -> int:
    """Run one command with this folder's database and nothing else of the service, such as a restore."""
    at = places()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ask_to_stop)
    service = Service(at, 0)
    try:
        at.make()
        with only_one(at, "its database only"):
            try:
                service.start_database()
                return subprocess.run(command, env=service.env, check=False).returncode
            finally:
                service.stop()
    except StopAsked:
        return 1


def _run(service: Service, listening: socket.socket) -> None:
    started = time.monotonic()
    note("Starting the database …")
    service.start_database()
    service.prepare()
    service.load_demo()
    note("Starting web and worker …")
    service.start_processes(listening)
    service.wait_until_ready()
    greeting.greet(service.at, service.url, time.monotonic() - started)
    service.watch()


def _stop_in_peace(service: Service, signals: tuple[signal.Signals, ...]) -> None:
    """A second Ctrl-C must not cut the orderly end short."""
    for number in signals:
        signal.signal(number, signal.SIG_IGN)
    if service.children or service.cluster:
        note("Stopping …")
    service.stop()


def _ask_to_stop(_number: int, _frame: FrameType | None) -> None:
    raise StopAsked


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


@contextmanager
def only_one(at: Places, url: str) -> Iterator[None]:
    """Hold the folder for this process; the lock ends with it, however it ends."""
    with os.fdopen(os.open(at.run / "launcher.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(lock.read())
            advice = "Stop it first, or choose another folder with PORTOLAN_VAR."
            raise CannotStart(f"Portolan already runs on {at.var}: {holder} {advice}") from None
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "url": url}))
        lock.flush()
        yield


def _holder(text: str) -> str:
    try:
        holder = json.loads(text)
        return f"process {holder['pid']} at {holder['url']}."
    except (ValueError, KeyError):
        return "another process is starting or stopping it."


@contextmanager
def reserved(port: int) -> Iterator[socket.socket]:
    """Bind the port for the web server to inherit, so that a busy one is told before anything starts."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
            _require_silence(port)
        except PermissionError:
            raise CannotStart(f"Port {port} needs more rights than this account has; choose one above 1023: make run PORT=8001") from None
        except OSError:
            raise CannotStart(f"Port {port} is already in use; choose another: make run PORT={min(port + 1, 65535)}") from None
        listening.set_inheritable(True)
        yield listening


def _require_silence(port: int) -> None:
    """A server that listens on every address leaves 127.0.0.1 free to bind on some systems: nobody may answer there yet."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise OSError("somebody answers")


def _readyz(url: str) -> tuple[bool, str]:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=3) as answer:  # noqa: S310 - our own loopback address
            return answer.status == 200, "ready"
    except urllib.error.HTTPError as error:
        return False, _failing(error.read())
    except OSError as error:
        return False, str(error)


def _failing(body: bytes) -> str:
    try:
        checks = json.loads(body)["checks"]
        return ", ".join(f"{name}: {check['detail']}" for name, check in checks.items() if not check["ok"])
    except (ValueError, KeyError, TypeError):
        return "it answers with an error"
