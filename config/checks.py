"""`make check`: every static check, all of them even when one fails. Needs no database."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config.embedded.places import ROOT

SCHEMA = ROOT / "openapi.yaml"
PYTHON = sys.executable
BIN = Path(PYTHON).parent
CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("import contracts", [str(BIN / "lint-imports")]),
    ("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
    ("openapi.yaml", [PYTHON, "-m", "config.checks", "--compare-openapi"]),
)


def environment(scratch: str) -> dict[str, str]:
    """Settings that touch neither a database nor anybody's `var`."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PORTOLAN_VAR": scratch,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    }


def run(command: list[str], scratch: str) -> subprocess.CompletedProcess[str]:
    """Run one command with what it says on either stream in `stdout`."""
    return subprocess.run(
        command, cwd=ROOT, env=environment(scratch), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def check() -> int:
    """Run every check; return how many failed."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="portolan-check-") as scratch:
        for name, command in CHECKS:
            started = time.monotonic()
            done = run(command, scratch)
            print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout.rstrip(), flush=True)
    print(f"{len(failed)} of {len(CHECKS)} checks failed: {', '.join(failed)}" if failed else f"All {len(CHECKS)} checks passed.")
    return len(failed)


def generated_schema() -> str:
    """The OpenAPI document of the code as it is."""
    with tempfile.TemporaryDirectory(prefix="portolan-openapi-") as scratch:
        file = Path(scratch) / "openapi.yaml"
        command = [PYTHON, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", str(file)]
        done = run(command, scratch)
        if done.returncode:
            sys.exit(f"The schema cannot be made:\n{done.stdout}")
        return file.read_text()


def compare_schema() -> int:
    """Show how the committed document differs from the code's; 1 when it does."""
    committed = SCHEMA.read_text() if SCHEMA.exists() else ""
    generated = generated_schema()
    difference = list(difflib.unified_diff(committed.splitlines(), generated.splitlines(), "openapi.yaml", "code", lineterm="", n=2))
    print("\n".join(difference[:80]))
    if difference:
        print("openapi.yaml is not what the code serves: make openapi, and look at the difference.")
    return int(bool(difference))


def main(arguments: list[str]) -> int:
    match arguments:
        case ["--write-openapi"]:
            SCHEMA.write_text(generated_schema())
            return 0
        case ["--compare-openapi"]:
            return compare_schema()
    return check()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
