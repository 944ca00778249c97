"""Tells whether the code that a database was prepared with is the code that runs now, without starting Django."""

from __future__ import annotations

import hashlib

from config.embedded.places import ROOT

PACKAGES = ("foundation", "audit", "accounts", "catalog", "runtime_adapters", "governance", "portal", "config")
MATTERS = ("*/migrations/*.py", "audit/domain/verbs.py", "audit/services/grants.py", "audit/services/registry.py", "*/static/**/*")


def fingerprint(database_url: str) -> str:
    """Digest over the lock, migrations, grants, verb registry and static files, and the database they were applied to.

    The address is hashed with its password: neither can be read back from `state.json`.
    """
    digest = hashlib.sha256(database_url.encode())
    digest.update((ROOT / "requirements" / "runtime.txt").read_bytes())
    for path in sorted(path for pattern in MATTERS for path in ROOT.glob(pattern) if path.is_file()):
        relative = path.relative_to(ROOT)
        if relative.parts[0] in PACKAGES and path.suffix != ".pyc":
            digest.update(f"{relative}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
