"""What each page template is given in the look tests: full, awkward and empty cases, in the shapes its first comment names."""

from typing import Any

from django import forms

from . import deletion, documents, imports, lifecycle
from .answers import EndpointForm, IntegrationForm, ReleaseForm, RequestForm, TakeOutForm
from .catalog import INTEGRATIONS
from .change import CHANGE, CHANGE_CLOSED, CHANGE_MINE, CHANGE_MOVED, CHANGE_RETIRE
from .common import BEFORE, NOW, OLD, ago
from .delivery import DEPLOYMENT, DEPLOYMENT_FAILED, DEPLOYMENTS, RUNTIME, RUNTIMES
from .graph import GRAPH, GRAPH_ALONE, GRAPH_MISSING, GRAPH_START
from .landscape import LANDSCAPE
from .log import EVENT, LOG
from .product import PRODUCT_PAGES
from .sheet import BATCH_DONE, BATCH_MOVING, BATCH_TRIED, SHEET, SHEET_TRIED
from .stewardship import STEWARDSHIP
from .work import HOME, HOME_EMPTY, INBOX, INBOX_ALL, INBOX_EMPTY


def _formset(extra: int) -> Any:
    return forms.formset_factory(EndpointForm, extra=extra)(prefix="endpoints")


def _bad_request_form() -> forms.Form:
    return RequestForm(data={"release": "9"})


PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    **STEWARDSHIP,
    **LANDSCAPE,
    "home": ("portal/home.html", HOME),
    "home-empty": ("portal/home.html", HOME_EMPTY),
    "inbox": ("portal/reviews/inbox.html", INBOX),
    "inbox-all": ("portal/reviews/inbox.html", INBOX_ALL),
    "inbox-empty": ("portal/reviews/inbox.html", INBOX_EMPTY),
    "change": ("portal/reviews/change.html", CHANGE),
    "change-moved": ("portal/reviews/change.html", CHANGE_MOVED),
    "change-closed": ("portal/reviews/change.html", CHANGE_CLOSED),
    "change-mine": ("portal/reviews/change.html", CHANGE_MINE),
    "change-retire": ("portal/reviews/change.html", CHANGE_RETIRE),
    "change-new-retire": (
        "portal/reviews/new.html",
        {
            "now": NOW,
            "form": TakeOutForm(),
            "can_preview": True,
            "takes_out": True,
            "integration": {"title": "Orders → Warehouse", "slug": "orders", "url": "/integrations/orders"},
        },
    ),
    "change-new-nowhere": (
        "portal/reviews/new.html",
        {
            "now": NOW,
            "takes_out": True,
            "stands_nowhere": True,
            "integration": {"title": "Orders → Warehouse", "slug": "orders", "url": "/integrations/orders"},
        },
    ),
    "change-new": (
        "portal/reviews/new.html",
        {
            "now": NOW,
            "form": RequestForm(),
            "can_preview": True,
            "preview": {"verdict": "Needs two board approvals.", "requirements": CHANGE["requirements"]},
        },
    ),
    "change-new-errors": (
        "portal/reviews/new.html",
        {"now": NOW, "form": _bad_request_form(), "extra_errors": ["Nobody is left to vote once contributors are excluded."]},
    ),
    "integrations": ("portal/catalog/integrations.html", INTEGRATIONS),
    "integrations-empty": (
        "portal/catalog/integrations.html",
        {
            **INTEGRATIONS,
            "rows": [],
            "views": [],
            "facets": [],
            "chips": [],
            "count": 0,
            "is_filtered": False,
            "next_url": "",
            "first_url": "",
        },
    ),
    **PRODUCT_PAGES,
    "sheet": ("portal/catalog/sheet.html", SHEET),
    "sheet-tried": ("portal/catalog/sheet.html", SHEET_TRIED),
    "batch": ("portal/catalog/batch.html", BATCH_MOVING),
    "batch-tried": ("portal/catalog/batch.html", BATCH_TRIED),
    "batch-nothing": ("portal/catalog/batch.html", BATCH_DONE),
    "imports": ("portal/catalog/imports.html", imports.IMPORTS),
    "imports-empty": ("portal/catalog/imports.html", {**imports.IMPORTS, "rows": [], "waiting": []}),
    "import": ("portal/catalog/import.html", imports.IMPORT),
    "import-tried": ("portal/catalog/import.html", imports.IMPORT_TRIED),
    "import-form": ("portal/catalog/import_form.html", imports.IMPORT_FORM),
    "import-form-refused": ("portal/catalog/import_form.html", imports.IMPORT_FORM_REFUSED),
    "sources": ("portal/catalog/integration_sources.html", imports.SOURCES),
    "sources-none": ("portal/catalog/integration_sources.html", imports.SOURCES_NONE),
    "map": ("portal/catalog/graph.html", GRAPH),
    "map-alone": ("portal/catalog/graph.html", GRAPH_ALONE),
    "map-start": ("portal/catalog/graph.html", GRAPH_START),
    "map-missing": ("portal/catalog/graph.html", GRAPH_MISSING),
    "documents": ("portal/catalog/documents/list.html", documents.DOCUMENTS),
    "document": ("portal/catalog/documents/section.html", documents.DOCUMENT),
    "document-missing": ("portal/catalog/documents/section.html", documents.DOCUMENT_MISSING),
    "document-edit": ("portal/catalog/documents/edit.html", documents.DOCUMENT_EDIT),
    "document-history": ("portal/catalog/documents/history.html", documents.DOCUMENT_HISTORY),
    "document-version": ("portal/catalog/documents/version.html", documents.DOCUMENT_VERSION),
    "document-diff": ("portal/catalog/documents/diff.html", documents.DOCUMENT_DIFF),
    "lifecycle": ("portal/catalog/lifecycle.html", lifecycle.LIFECYCLE),
    "lifecycle-end": ("portal/catalog/lifecycle.html", lifecycle.LIFECYCLE_NEW),
    "lifecycle-model": ("portal/lifecycles/model.html", lifecycle.MODEL),
    "lifecycle-publish": ("portal/lifecycles/publish.html", lifecycle.PUBLISH),
    "lifecycle-migrate": ("portal/lifecycles/migrate.html", lifecycle.MIGRATE),
    "notifications": ("portal/notifications.html", documents.NOTIFICATIONS),
    "notifications-empty": ("portal/notifications.html", documents.NOTIFICATIONS_EMPTY),
    "deletion": ("portal/catalog/deletion.html", deletion.DELETION),
    "deletion-clear": ("portal/catalog/deletion.html", deletion.DELETION_CLEAR),
    "tombstones": ("portal/catalog/tombstones.html", deletion.TOMBSTONES),
    "tombstones-empty": ("portal/catalog/tombstones.html", {**deletion.TOMBSTONES, "rows": [], "refusal": []}),
    "integration-form": (
        "portal/catalog/integration_form.html",
        {"now": NOW, "form": IntegrationForm(), "endpoints": _formset(2), "is_new": True},
    ),
    "release-form": (
        "portal/catalog/release_form.html",
        {
            "now": NOW,
            "integration": {"title": "Orders → Warehouse", "slug": "o", "url": "/integrations/o"},
            "form": ReleaseForm(initial={"manifest": BEFORE}),
            "latest": {"version": "1.0.0", "digest": OLD, "at": ago(days=90)},
        },
    ),
    "deployments": ("portal/delivery/deployments.html", DEPLOYMENTS),
    "deployments-empty": ("portal/delivery/deployments.html", {**DEPLOYMENTS, "rows": []}),
    "deployment": ("portal/delivery/deployment.html", DEPLOYMENT),
    "deployment-halted": ("portal/delivery/deployment.html", DEPLOYMENT_FAILED),
    "runtimes": ("portal/runtimes/runtimes.html", RUNTIMES),
    "runtimes-empty": ("portal/runtimes/runtimes.html", {**RUNTIMES, "rows": []}),
    "runtime": ("portal/runtimes/runtime.html", RUNTIME),
    "log": ("portal/audit/log.html", LOG),
    "log-empty": ("portal/audit/log.html", {**LOG, "rows": [], "checkpoint": None, "next_cursor": None}),
    "event": ("portal/audit/event.html", EVENT),
    "event-pending": ("portal/audit/event.html", {**EVENT, "proof": None, "disclosures": [], "event": {**EVENT["event"], "index": None}}),
    "error": (
        "portal/errors/error.html",
        {
            "status": 404,
            "title": "There is nothing here for you",
            "detail": "Either nothing has this address, or it is not visible to your account.",
            "next_step": "Search for it, or ask its owning team for access.",
            "request_id": "0f3a2b77",
        },
    ),
    "refused": (
        "portal/errors/refused.html",
        {"refusal": "Only administrators may do this.", "code": "x", "status": 403, "is_recorded": True},
    ),
    "sign-in": ("account/login.html", {}),
    "totp": ("mfa/totp/activate_form.html", {}),
    "mfa": ("mfa/index.html", {"authenticators": {}, "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"]}),
    "mfa-sign-in": ("mfa/authenticate.html", {"MFA_SUPPORTED_TYPES": ["totp", "webauthn"]}),
    "recovery-codes": (
        "mfa/recovery_codes/index.html",
        {
            "unused_codes": ["8f2a9c31", "77ab10ce", "01fe9d22"],
            "total_count": 10,
            "can_view_codes": True,
            "can_download_codes": True,
            "can_generate_codes": True,
        },
    ),
    "password": ("account/password_change.html", {}),
    "sign-out": ("account/logout.html", {}),
}
