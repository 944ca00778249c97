"""Make `.venv` from the hash-checked lock. Runs on the system's Python: standard library only.

python3 -m config.embedded.install runtime|dev
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.errors import CannotStart, told

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "portolan-lock.sha256"
NEEDED_BYTES = {"runtime": 600 * 2**20, "dev": 900 * 2**20}
OLDEST = (3, 11)


def lock_digest(name: str) -> str:
    """Digest of the lock files that the environment `name` is made from, and of the Python that runs it."""
    digest = hashlib.sha256(f"{name} {sys.version_info[0]}.{sys.version_info[1]}\n".encode())
    for lock in lock_files(name):
        digest.update(lock.read_bytes())
    return digest.hexdigest()


def lock_files(name: str) -> list[Path]:
    """The development environment is the runtime one and what tests and checks need besides."""
    return [ROOT / "requirements" / f"{each}.txt" for each in (["runtime", "dev"] if name == "dev" else ["runtime"])]


def is_current(name: str) -> bool:
    """True when `.venv` already holds what the lock asks for; `dev` covers `runtime`."""
    try:
        stamped = STAMP.read_text().split()
    except OSError:
        return False
    return lock_digest(name) in stamped and (VENV / "bin" / "python").exists()


def install(name: str) -> None:
    """Bring `.venv` up to the lock, telling what is being done. Raises CannotStart."""
    if sys.version_info[:2] < OLDEST:
        raise CannotStart(f"Portolan needs Python 3.11 or newer; this is {sys.version.split()[0]}. Run: make PYTHON=python3.11 …")
    if is_current(name):
        return
    with _only_one():
        if is_current(name):
            return
        _require_space(name)
        started = time.monotonic()
        print(f"Installing Portolan's {name} environment into {VENV.name} (once; hash-checked) …", flush=True)
        _make_venv()
        _pip(name)
        STAMP.write_text("\n".join(lock_digest(each) for each in _covered(name)) + "\n")
        print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def _covered(name: str) -> list[str]:
    return ["dev", "runtime"] if name == "dev" else ["runtime"]


@contextmanager
def _only_one() -> Iterator[None]:
    """Two `make` runs at once must not write the same environment."""
    with (ROOT / "requirements" / "runtime.txt").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _require_space(name: str) -> None:
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES[name]:
        raise CannotStart(
            f"The disk is full: installing needs {NEEDED_BYTES[name] // 2**20} MB in {ROOT}, and {free // 2**20} MB are free."
        )


def _make_venv() -> None:
    if (VENV / "bin" / "python").exists() and (VENV / "bin" / "pip").exists():
        return
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        said = made.stdout + made.stderr
        if "ensurepip" in said or "No module named venv" in said:
            raise CannotStart(
                "Python's venv module is missing. Install it and start again "
                f"(on Debian or Ubuntu: apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv)."
            )
        raise CannotStart(f"Could not make {VENV}: {_last_line(said)}")


def _pip(name: str) -> None:
    """Install exactly the lock. pip prints what it fetches; its progress bar shows only on a terminal."""
    command = [
        str(VENV / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-deps",
        "--disable-pip-version-check", "--no-input", "--no-warn-script-location",
        *(argument for lock in lock_files(name) for argument in ("-r", str(lock))),
    ]  # fmt: skip
    tail: list[str] = []
    packages = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=_pip_env()) as pip:
        for line in pip.stdout or ():
            tail = [*tail[-30:], line.rstrip()]
            packages += line.startswith("Collecting ")
            _show_progress(line, packages)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    if pip.returncode:
        raise CannotStart(_why_pip_failed(tail))


def _pip_env() -> dict[str, str]:
    return {**os.environ, "PIP_PROGRESS_BAR": "off", "PYTHONUNBUFFERED": "1"}


def _show_progress(line: str, packages: int) -> None:
    """A counter that moves on a terminal, a line every twenty packages elsewhere."""
    if line.startswith("Installing collected"):
        print(f"\r\033[K  unpacking {packages} packages …" if sys.stdout.isatty() else f"  unpacking {packages} packages …", flush=True)
    elif line.startswith("Collecting "):
        what = line.split()[1].split("==", maxsplit=1)[0]
        if sys.stdout.isatty():
            print(f"\r\033[K  {packages:3d} {what}", end="", flush=True)
        elif packages % 20 == 0:
            print(f"  {packages} packages fetched …", flush=True)


def _why_pip_failed(tail: list[str]) -> str:
    said = "\n".join(tail)
    if "No space left" in said or "Errno 28" in said:
        return "The disk is full: the packages could not be installed. Free some space and start again."
    if "DO NOT MATCH THE HASHES" in said:
        return "A package does not match the hash in the lock: nothing was installed. Do not use this package source."
    errors = [line for line in tail if line.startswith("ERROR:")]
    return f"Installing the packages failed: {_last_line((errors or tail or ['pip gave no reason'])[-1])}"


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason given"


def main() -> int:
    name = sys.argv[1] if len(sys.argv) > 1 else "runtime"
    try:
        install(name)
    except CannotStart as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except OSError as error:
        print(told(error, "installing the packages"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped while installing; the next start goes on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
