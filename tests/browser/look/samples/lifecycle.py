"""The lifecycle of an integration, and the lifecycle itself."""

from typing import Any

from portal.forms.lifecycle import GUARD_WORDS, KIND_WORDS, MigrateForm, MoveForm, PublishForm

from .common import NOW, ago


def guard(title: str, detail: str, remedy: str = "", who: str = "") -> dict[str, Any]:
    return {"title": title, "passed": not remedy, "detail": detail, "remedy": remedy, "who": who}


def move(stage: str, title: str, *guards: dict[str, Any], shown: bool = False) -> dict[str, Any]:
    met = sum(each["passed"] for each in guards)
    form = MoveForm(initial={"to": stage, "version": 3}, auto_id=f"id_{stage}_%s") if met == len(guards) else None
    return {"stage": stage, "title": title, "is_open": form is not None, "met": met, "guards": guards, "is_shown": shown, "form": form}


TABS = [
    {"url": "/integrations/o", "label": "Overview", "is_current": False},
    {"url": "/integrations/o/lifecycle", "label": "Lifecycle", "is_current": True},
]
LIFECYCLE: dict[str, Any] = {
    "now": NOW,
    "integration": {"title": "Orders → Warehouse", "slug": "orders-to-warehouse"},
    "tabs": TABS,
    "position": {
        "stage": "deprecated",
        "title": "Deprecated",
        "kind": "on its way out",
        "lifecycle": 2,
        "url": "/lifecycle/2",
        "since": ago(days=12),
        "may_move": True,
    },
    "moves": [
        move(
            "retired",
            "Retired",
            guard("Removal date passed", "The removal day, 2026-11-01, has come."),
            guard(
                "Runs nowhere",
                "It runs in Production and Staging, Hamburg.",
                "Ask for a change that takes it out of there.",
                "the owning team and operators",
            ),
            guard(
                "Consumers acknowledged",
                "The deprecation is not acknowledged yet by Sales and marketing analytics, Warehouse floor.",
                "Ask one of its members to acknowledge it.",
                "members of the consuming teams",
            ),
            guard(
                "No traffic",
                "It last ran on 2026-11-22, which is less than 30 days ago.",
                "Wait until 2026-12-22 without a run.",
                "the owning team",
            ),
            shown=True,
        ),
        move("live", "Live", guard("Support model set", "The support model says whom to reach and when."), shown=True),
        move("suspended", "Suspended"),
    ],
    "consumers": [
        {"team": "sales", "title": "Sales and marketing analytics", "has_acknowledged": False, "may_acknowledge": True},
        {"team": "floor", "title": "Warehouse floor", "has_acknowledged": False, "may_acknowledge": False},
        {"team": "finance", "title": "Finance", "has_acknowledged": True, "may_acknowledge": False},
    ],
    "is_leaving": True,
    "entries": [
        {
            "at": ago(days=12),
            "title": "Live → Deprecated",
            "by": "Lena Fischer",
            "note": "The new order hub takes over.\nDeprecation dates: It is deprecated from 2026-10-01 and removed on 2026-11-01.",
            "icon": "ok",
        },
        {
            "at": ago(days=90),
            "title": "Tested → Live",
            "by": "Portolan",
            "note": "Its first release in production went live.",
            "icon": "sync",
        },
    ],
    "refusals": ["It runs in Production. Ask for a change that takes it out of there. This is for the owning team and operators."],
}
LIFECYCLE_NEW = {
    **LIFECYCLE,
    "moves": [],
    "consumers": [],
    "is_leaving": False,
    "entries": [],
    "refusals": [],
    "position": {**LIFECYCLE["position"], "stage": "archived", "title": "Archived for good", "may_move": False},
}
_MODEL = {"number": 2, "title": "With a review of security before anything is built", "published_at": ago(days=30)}
MODEL: dict[str, Any] = {
    "now": NOW,
    "model": _MODEL,
    "is_newest": True,
    "initial": "Proposed",
    "stages": [
        {"key": "proposed", "title": "Proposed", "kind": "on its way to production", "count": 12, "url": "/integrations"},
        {"key": "security", "title": "Security review", "kind": "on its way to production", "count": 3, "url": "/integrations"},
        {"key": "live", "title": "Live", "kind": "in use", "count": 41_208, "url": "/integrations"},
        {"key": "retired", "title": "Retired", "kind": "at its end", "count": 0, "url": "/integrations"},
    ],
    "groups": [
        {
            "title": "Proposed",
            "key": "proposed",
            "moves": [
                {
                    "to": "Security review",
                    "key": "security",
                    "guards": ["Owning team", "Owners that the tier asks for", "Systems and data objects named", "Reuse check answered"],
                },
                {"to": "Rejected", "key": "rejected", "guards": ["Runs nowhere"]},
            ],
        },
        {"title": "Security review", "key": "security", "moves": [{"to": "Live", "key": "live", "guards": []}]},
        {"title": "Live", "key": "live", "moves": [{"to": "Retired", "key": "retired", "guards": ["No traffic for 30 days"]}]},
    ],
    "on_live": "When the first release runs in production, Proposed, Security review become Live by themselves.",
    "versions": [
        {**_MODEL, "count": 41_223, "url": "/lifecycle/2", "is_current": True},
        {
            "number": 1,
            "title": "The default lifecycle",
            "published_at": ago(days=400),
            "count": 7,
            "url": "/lifecycle/1",
            "is_current": False,
        },
    ],
    "may_publish": True,
    "sources": [1],
}


def _refused() -> PublishForm:
    form = PublishForm({"title": "Ours", "definition": "initial: idea\nstages: []\n"})
    form.add_error("definition", "Line 2 (/stages): At least one stage must be of the kind final.")
    return form


PUBLISH = {
    "now": NOW,
    "form": _refused(),
    "guards": [{"name": name, "title": words} for name, words in GUARD_WORDS.items()],
    "kinds": [{"name": kind.value, "title": words} for kind, words in KIND_WORDS.items()],
}
MIGRATE = {
    "now": NOW,
    "number": 2,
    "source": 1,
    "is_empty": False,
    "form": MigrateForm(used=[("proposed", "Proposed", 4), ("live", "Live", 3)], targets=[("proposed", "Proposed"), ("live", "Live")]),
    "tried": {
        "total": 7,
        "counts": [],
        "rows": [
            {"title": "Orders → Warehouse", "slug": "a", "stage": "Proposed", "to": "Security review"},
            {"title": "HR → Payroll", "slug": "b", "stage": "Live", "to": "Live"},
        ],
        "truncated": True,
    },
}
