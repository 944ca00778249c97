"""Where our own code is, for tests that read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("config", "portal", "governance", "runtime_adapters", "catalog", "accounts", "audit", "foundation")


def modules() -> list[Path]:
    """Every Python file of ours that runs in production."""
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def dotted(path: Path) -> str:
    """`governance/domain/errors.py` → `governance.domain.errors`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string constant of a file with its line."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
