"""One PostgreSQL for one folder: made, started, prepared and stopped by us.

Security: scram passwords of 256 bits, no TCP port, a socket folder of its own with mode 0700, data checksums, `fsync` and
`synchronous_commit` on. Three roles: `portolan_super` (this launcher only), `portolan_owner` (migrations), `portolan_app` (the service).
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded.binaries import Binaries, newest
from config.embedded.errors import CannotStart, told
from config.embedded.places import SOCKET_NAME, Places, kept_secret, private_folder, socket_folder, write_private
from config.embedded.processes import open_log, orphan_guard
from config.embedded.unprivileged import Account, database_account

DATABASE = "portolan"
SUPER, OWNER, APP = "portolan_super", "portolan_owner", "portolan_app"
START_S, STOP_S = 60.0, 60.0
NOBODYS_PID = 2**31 - 2  # beyond every system's largest
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "password_encryption": "scram-sha-256",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u ",
    "log_checkpoints": "off",
}


@dataclass
class Cluster:
    """A running or startable PostgreSQL; `start` and `stop` come in pairs."""

    places: Places
    account: Account
    home: Path
    binaries: Binaries
    notes: list[str] = field(default_factory=list)
    folder: str = "data"
    fresh: bool = False
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.home / self.folder

    @property
    def sockets(self) -> Path:
        return socket_folder(self.home / "run", self.places.short_id())

    def url(self, role: str, database: str = DATABASE) -> str:
        """A libpq and django-environ address over the socket, password included."""
        password = kept_secret(self.places.keys / f"{role}.password")
        return f"postgres://{role}:{quote(password, safe='')}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def start(self) -> None:
        """Start, making the cluster the first time. Raises CannotStart with the reason from the server's log."""
        try:
            private_folder(self.home, self.account.owner)
            private_folder(self.sockets, self.account.owner)
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._stop_orphan()
            self._spawn_when_free()
        except OSError as error:
            raise told(error, "starting the database") from error
        self._prepare()

    def _spawn_when_free(self) -> None:
        """Backends outlive a killed server for a moment, and a new one rightly refuses while they may still write."""
        for attempts_left in range(10, -1, -1):
            self._spawn()
            try:
                self._wait_until_ready()
                return
            except CannotStart as refusal:
                if "shared memory block" not in str(refusal) or not attempts_left:
                    raise
            time.sleep(0.5)

    def discard(self) -> None:
        """Forget a cluster that was never finished."""
        shutil.rmtree(self.data, ignore_errors=True)

    def analyse(self, role: str) -> None:
        """Gather the planner's statistics, which a restore does not bring."""
        with psycopg.connect(self.url(role), autocommit=True) as server:
            server.execute("ANALYZE")

    def _initialise(self) -> None:
        """`initdb` beside the final place, then one rename: an interrupted first start leaves nothing half made."""
        making = self.home / f"{self.folder}.new"
        shutil.rmtree(making, ignore_errors=True)
        password_file = self.home / f"init-{secrets.token_hex(4)}"
        write_private(password_file, kept_secret(self.places.keys / f"{SUPER}.password").encode())
        if self.account.switch:
            os.chown(password_file, *self.account.owner)
        command = [
            self.binaries.path("initdb"), "--pgdata", str(making), "--username", SUPER, "--pwfile", str(password_file),
            "--auth", "scram-sha-256", "--data-checksums", "--encoding", "UTF8", *self.binaries.locale_arguments(),
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command,
                cwd=self.home,
                env=self._environment(),
                capture_output=True,
                text=True,
                check=False,
                **self.account.popen_arguments(),
            )  # type: ignore[call-overload]
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode:
            raise CannotStart(_reason(done.stdout + done.stderr, "making the database"))
        making.rename(self.data)
        self.fresh = True

    def _environment(self) -> dict[str, str]:
        """Nothing of ours: a stray PGDATA or PGHOST must not lead the server elsewhere."""
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.home)}

    def _stop_orphan(self) -> None:
        """A server left behind by a killed launcher is stopped. A pid file that names somebody else's process is made to name nobody.

        It is not deleted: the server still finds in it whether backends of the dead one hold its memory.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            first, _, rest = pid_file.read_text().partition("\n")
            pid = int(first)
        except (FileNotFoundError, ValueError):
            return
        if _is_postmaster(pid, self.data):
            self.notes.append("An earlier run left its database running; stopping that first.")
            os.kill(pid, signal.SIGINT)
            if not _gone(pid, STOP_S):
                raise CannotStart(f"The database of an earlier run (process {pid}) does not stop; end it, then start again.")
            return
        self.notes.append("An earlier run was cut off; its data has been recovered.")
        if _exists(pid):
            pid_file.write_text(f"{NOBODYS_PID}\n{rest}")
        (self.sockets / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _spawn(self) -> None:
        command = [self.binaries.path("postgres"), "-D", str(self.data), "-k", str(self.sockets)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with open_log(self.places.logs / "postgres.log") as log:
            self.process = subprocess.Popen(
                command, cwd=self.home, env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=orphan_guard(signal.SIGINT),  # noqa: PLW1509 - we have one thread
                **self.account.popen_arguments(),
            )  # type: ignore[call-overload]  # fmt: skip

    def _wait_until_ready(self) -> None:
        """Poll until the server answers. Recovery after a crash may take a while, so only its end ends the wait early."""
        deadline = time.monotonic() + START_S
        while True:
            if self.process is None or self.process.poll() is not None:
                raise CannotStart(_reason(_tail(self.places.logs / "postgres.log"), "starting the database"))
            try:
                psycopg.connect(self.url(SUPER, "postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    self.stop()
                    raise CannotStart(f"The password in {self.places.keys} is not this database's: were the keys replaced?") from error
                if time.monotonic() > deadline and "starting up" not in str(error):
                    self.stop()
                    log = self.places.logs / "postgres.log"
                    raise CannotStart(f"The database did not answer within {START_S:.0f} s; see {log}.") from error
            time.sleep(0.02)

    def _prepare(self) -> None:
        """Make the two roles and the database, or find them; then note the addresses for `manage.py` in other terminals."""
        with psycopg.connect(self.url(SUPER, "postgres"), autocommit=True) as server:
            for role in (OWNER, APP):
                self._ensure_role(server, role)
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
                server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE)))
                server.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(DATABASE), sql.Identifier(APP)))
        addresses = {"app": self.url(APP), "owner": self.url(OWNER), "bin": str(self.binaries.folder)}
        write_private(self.places.database_file, json.dumps(addresses, indent=1).encode())

    def _ensure_role(self, server: psycopg.Connection[tuple[object, ...]], role: str) -> None:
        known = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        if known and not self.fresh:
            return
        password = kept_secret(self.places.keys / f"{role}.password")
        what = "ALTER" if known else "CREATE"
        statement = sql.SQL(what + " ROLE {} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD {}")
        server.execute(statement.format(sql.Identifier(role), sql.Literal(password)))

    def stop(self) -> None:
        """Fast shutdown: running transactions roll back, everything committed is kept. Harder only when that takes a minute."""
        if self.process is None:
            return
        for number, patience_s in ((signal.SIGINT, STOP_S), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            if self.process.poll() is None:
                self.process.send_signal(number)
            try:
                self.process.wait(patience_s)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process = None


def cluster_for(places: Places) -> Cluster:
    """Choose account, data folder and binaries for `places`, noting in a line whatever is not the plain case."""
    account = database_account()
    shipped = newest()
    home = places.var / "postgres"
    notes: list[str] = []
    if account.switch and not account.can_pass(places.var):
        home = state_home(places) / "postgres"
        _root_made(state_home(places))
        notes.append(f"{places.var} is closed to the account {account.name}, so the database lives in {home}.")
    running = reachable(shipped, places, account)
    if running is not shipped:
        notes.append(f"A copy of PostgreSQL runs from {running.folder}.")
    return Cluster(places=places, account=account, home=home, binaries=running, notes=notes)


def reachable(binaries: Binaries, places: Places, account: Account) -> Binaries:
    """`binaries`, or a copy of them where the account cannot run them in place."""
    if not account.switch or account.can(binaries.path("postgres"), "--version"):
        return binaries
    _root_made(state_home(places))
    return binaries.copied_to(state_home(places))


def state_home(places: Places) -> Path:
    """Root's folder for `places` under the system's state directory."""
    return Path("/var/lib/portolan") / places.short_id()


def _root_made(folder: Path) -> None:
    """A folder under the system's state directory that everybody may pass and only root may write."""
    for each in (folder.parent, folder):
        if not each.exists():
            each.mkdir(mode=0o755)
            each.chmod(0o755)


def _is_postmaster(pid: int, data: Path) -> bool:
    """True when `pid` lives and is a PostgreSQL on `data`; pids are used again, in containers almost at once."""
    if not _exists(pid):
        return False
    try:
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        said = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
        return str(data) in said


def _exists(pid: int) -> bool:
    """True for any process of that number, ended ones that nobody has collected included."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _gone(pid: int, within_s: float) -> bool:
    """Wait for a process that is not our child to end."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not _exists(pid) or _is_zombie(pid):
            return True
        time.sleep(0.05)
    return False


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return False


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-20:]) if path.exists() else ""


def _reason(said: str, doing: str) -> str:
    """The server's own last complaint, in one sentence."""
    if "No space left" in said:
        return f"The disk is full: there is no room for {doing}. Free some space and start again."
    complaints = [line for line in said.splitlines() if any(word in line for word in ("FATAL", "error:", "PANIC", "ERROR"))]
    last = (complaints or said.splitlines() or ["no reason given"])[-1].strip()
    return f"PostgreSQL refused while {doing}: {last}"
