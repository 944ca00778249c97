"""Writes docs/errors.md from the code: `python -m tests.architecture.error_list` (a test keeps both equal)."""

import importlib
import os

from tests.architecture.places import PACKAGES, ROOT, dotted, modules

STARTS_SOMETHING = {"__main__", "migrations", "management", "agent", "boot"}
DOCUMENT = ROOT / "docs" / "errors.md"
HEAD = """# Errors

Every refusal is an RFC 9457 problem document (`application/problem+json`) with a stable `code`; faults of the input are listed in
`errors` with a JSON Pointer. This list is generated from the code: `python -m tests.architecture.error_list`.

| code | status | from | meaning |
|---|---|---|---|
"""


def classes() -> list[type]:
    """Every domain error that some package of ours defines."""
    from foundation.errors import DomainError

    for path in modules():
        if path.parts[len(ROOT.parts)] != "config" and not STARTS_SOMETHING & set(path.with_suffix("").parts):
            importlib.import_module(dotted(path))
    found, waiting = [], [DomainError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.split(".")[0] in PACKAGES and "code" in vars(kind):
                found.append(kind)
    return sorted(set(found), key=lambda kind: (kind.code, kind.__module__))


def document() -> str:
    """The whole text of docs/errors.md."""
    from foundation.errors import STATUS

    rows: dict[tuple[str, int, str], list[str]] = {}
    for kind in classes():
        meaning = " ".join((kind.__doc__ or "").strip().split("\n\n")[0].split()).replace("|", "\\|")
        rows.setdefault((kind.code, STATUS[kind.kind], meaning), []).append(kind.__module__.split(".")[0])
    lines = [
        f"| `{code}` | {status} | {', '.join(sorted(set(packages)))} | {meaning} |"
        for (code, status, meaning), packages in sorted(rows.items())
    ]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    DOCUMENT.write_text(document(), encoding="utf-8")
