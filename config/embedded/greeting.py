"""What a newcomer reads once the service answers."""

from __future__ import annotations

import json
from typing import Any

from config.embedded.places import Places

FIRST_STEPS = (
    "Sign in as owner: Integrations shows what exists, what runs and how healthy it is.",
    "Sign in as board_1, open Reviews, read the change and approve it; board_2's vote then makes it run.",
    "Sign in as auditor: download the change's evidence and check it offline with python audit/verify.py pack.zip.",
)
ROLES = {
    "owner": "owns integrations",
    "board_1": "review board",
    "board_2": "review board",
    "auditor": "sees all, changes nothing",
    "operator": "runs deployments",
    "admin": "administers",
}


def read_demo(at: Places) -> dict[str, Any]:
    """The demo's people, runtimes and agents; empty without a demo."""
    try:
        read = json.loads(at.demo_file.read_text())
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def greet(at: Places, url: str, took_s: float) -> None:
    """Print the address and what to do first."""
    demo = read_demo(at)
    lines = ["", f"Ready: {url}", f"(after {took_s:.1f} s; data and logs in {at.var}; Ctrl-C stops)", ""]
    lines += _people(demo) if demo.get("people") else _empty()
    print("\n".join([*lines, ""]), flush=True)


def _people(demo: dict[str, Any]) -> list[str]:
    people = [(key, who["username"], who["password"]) for key, who in demo["people"].items()]
    width = max(len(username) for _key, username, _password in people)
    secret = max(len(password) for _key, _username, password in people)
    rows = [f"  {username:<{width}}  {password:<{secret}}  {ROLES.get(key, '')}".rstrip() for key, username, password in people]
    steps = [f"  {number}. {text}" for number, text in enumerate(demo.get("first_steps") or FIRST_STEPS, 1)]
    return ["Demo people (username, password):", *rows, "", "Click first:", *steps]


def _empty() -> list[str]:
    return [
        "No people yet. Make the first administrator in another terminal:",
        "  .venv/bin/python manage.py create_administrator USERNAME",
    ]
