"""The landscape: a list with retired, discovered and nested things and long words; an entry with everything; a refused form."""

from types import SimpleNamespace
from typing import Any

from portal.components.status import pill, tone_pill
from portal.forms.landscape import ConnectionForm, ConnectionTemplateForm

from .common import ENTRIES, NOW, ago

LONG = "Customer-identity-and-access-management-of-the-northern-subsidiaries"
_KIND = SimpleNamespace(
    title="System",
    plural="Systems",
    what="Applications and services with data that others need.",
    headers=["System", "Kind", "Domain", "Team"],
    register_words="Register a system",
    register_hint="Administrators register systems.",
)
_TABS = [{"url": "/landscape/systems", "label": "Systems", "is_current": True}, {"url": "/landscape/domains", "label": "Domains"}]


def _text(text: str, url: str = "", sub: str = "") -> dict[str, Any]:
    return {"text": text, "url": url, "sub": sub}


def _row(title: str, state: Any, depth: int) -> dict[str, Any]:
    cells = [_text("ERP"), _text("Finance", "/landscape/domains/finance"), _text("")]
    return {"title": title, "slug": LONG.lower()[:63], "url": "/landscape/systems/x", "state": state, "depth": depth, "cells": cells}


_LIST: dict[str, Any] = {
    "now": NOW,
    "kind": _KIND,
    "tabs": _TABS,
    "q": "erp",
    "filters": [{"name": "team", "label": "Team", "value": "a", "choices": [("a", LONG)]}],
    "rows": [
        _row(LONG, pill("lifecycle", "retired"), 0),
        _row("api.host", tone_pill("warn", "Discovered"), 2),
        _row("Deep below", "", 4),
    ],
    "next_cursor": "abc",
    "is_filtered": True,
    "new_url": "/landscape/register/systems",
}
_ENTRY: dict[str, Any] = {
    "now": NOW,
    "kind": _KIND,
    "tabs": _TABS,
    "row": SimpleNamespace(title=LONG, slug="ciam", description="One.\nTwo.", aliases=["old", "older"], version=4),
    "state": tone_pill("warn", "Discovered"),
    "facts": [
        ("Upkeep", {"pill": pill("upkeep", "expired")}),
        ("Expires", {"at": ago(days=2)}),
        ("Domain", _text(LONG, "/x")),
        ("Vendor", _text("")),
    ],
    "sections": [
        {
            "title": "Where its secrets are kept",
            "headers": ["Slot", "Needed", "Reference"],
            "rows": [
                [_text("key", sub="The key"), _text("required"), {"locked": "shown to the owning team"}],
                [_text("user"), _text("optional"), _text("vault://secret/" + "a" * 90)],
            ],
            "cut": 200,
        },
        {
            "title": "Connections",
            "headers": [],
            "rows": [],
            "icon": "key",
            "empty": "No connection is registered",
            "hint": "Members of a team register it.",
            "url": "/x",
            "action": "Register a connection",
        },
    ],
    "entries": ENTRIES,
    "buttons": [{"label": "Rename", "url": "/x"}, {"label": "Edit", "url": "/x"}],
    "acts": [{"act": "confirm", "label": "Confirm", "words": "An import has found it.", "url": "/x"}],
}
_SLOTS = [{"name": "key", "required": True, "description": "The key"}, {"name": "proxy", "required": False, "description": ""}]


def _refused() -> Any:
    choices = {"system": [("erp", LONG)], "environment": [("production", "Production")], "team": [("a", "A")]}
    form = ConnectionForm(
        {"title": "Second", "ref_proxy": "env://PROXY", "expires_at": "soon"},
        choices=choices,
        is_new=True,
        template=SimpleNamespace(slug="https-key", slots=_SLOTS),
    )
    form.is_valid()
    form.forget()
    return form


_FORM = {"now": NOW, "kind": _KIND, "url": "/landscape/systems"}
LANDSCAPE: dict[str, tuple[str, dict[str, Any]]] = {
    "landscape-list": ("portal/landscape/list.html", _LIST),
    "landscape-none": ("portal/landscape/list.html", {**_LIST, "rows": [], "next_cursor": None}),
    "landscape-empty": ("portal/landscape/list.html", {**_LIST, "rows": [], "is_filtered": False, "next_cursor": None, "new_url": ""}),
    "landscape-entry": ("portal/landscape/entry.html", _ENTRY),
    "landscape-form-errors": ("portal/landscape/form.html", {**_FORM, "form": _refused(), "extra_errors": ["Look at the slots."]}),
    "landscape-template": ("portal/landscape/form.html", {**_FORM, "form": ConnectionTemplateForm(choices={}, is_new=True)}),
    "landscape-choose": ("portal/landscape/choose_template.html", {**_FORM, "choices": [("a", LONG)], "keep": {"system": "erp"}}),
    "landscape-choose-none": ("portal/landscape/choose_template.html", {**_FORM, "choices": [], "keep": {}, "new_template_url": "/x"}),
}
