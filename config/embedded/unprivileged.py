"""Which account runs the database. PostgreSQL refuses to run as root, so root hands it to an existing account without rights."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import CannotStart

CANDIDATES = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """The account that owns the data folder; `switch` is empty when it is our own."""

    name: str
    uid: int
    gid: int
    switch: bool

    @property
    def owner(self) -> tuple[int, int]:
        return self.uid, self.gid

    def popen_arguments(self) -> dict[str, object]:
        """Keyword arguments that make `subprocess` run a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def can(self, *command: str, cwd: Path = Path("/")) -> bool:
        """True when `command` runs well as this account: asked of the system, because modes alone do not tell."""
        try:
            done = subprocess.run(
                command, cwd=cwd, capture_output=True, check=False, timeout=30, env={"PATH": os.defpath}, **self.popen_arguments()
            )  # type: ignore[call-overload]
        except (OSError, subprocess.SubprocessError):
            return False
        return bool(done.returncode == 0)

    def can_pass(self, folder: Path) -> bool:
        """True when this account may go through `folder` to what lies in it."""
        return self.can("/bin/sh", "-c", 'cd "$0"', str(folder))


def database_account() -> Account:
    """Ourselves, or as root the first of `PORTOLAN_DB_ACCOUNT`, postgres, nobody, daemon that exists."""
    if os.geteuid() != 0:
        return Account(pwd.getpwuid(os.geteuid()).pw_name if _known() else str(os.geteuid()), os.geteuid(), os.getegid(), switch=False)
    asked = os.environ.get("PORTOLAN_DB_ACCOUNT")
    for name in (asked,) if asked else CANDIDATES:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid:
            return Account(found.pw_name, found.pw_uid, found.pw_gid, switch=True)
    raise CannotStart(
        "PostgreSQL does not run as root and none of these accounts exists: "
        f"{asked or ', '.join(CANDIDATES)}. Start as an ordinary user, or name an account with PORTOLAN_DB_ACCOUNT."
    )


def _known() -> bool:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True
