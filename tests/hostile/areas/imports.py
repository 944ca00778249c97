"""Imports, and where machines and people differ."""

from typing import Any

from tests.hostile import estate as estates

_ONE = "01890a5d-ac96-774b-bcce-b302099a8057"
WHO = {
    "imports_list": "everybody",
    "divergences_list": "everybody",
    "imports_create": "the owning team",
    **dict.fromkeys(["imports_retrieve", "imports_files_list", "imports_cancel_create"], "its team"),
    **dict.fromkeys(["integrations_divergences_accept_create", "integrations_divergences_reject_create"], "who owns it"),
    "integrations_field_sources_list": "who sees it",
}
BODIES = {"imports_create": {"label": "exports", "team": "payments", "files": [{"path": "a.json", "content": "{}"}]}}
VERBATIM = {("imports_create", ("files", 0, "content"))}
MISSING = {"import_id": _ONE, "divergence_id": _ONE}


def places(estate: Any) -> dict[str, str]:
    """An import that waits, and a machine's word against a person's about the restricted integration."""
    from catalog.models import Divergence, Integration
    from catalog.services.imports import batches
    from catalog.services.imports.divergences import raise_divergences

    given = estate.given
    by = given.by("olga")
    batch = batches.start_import(label="exports", team="payments", files=[("a.json", b"{}")], **by)
    secret = Integration.objects.get(slug=estates.SECRET)
    more = {"label": "exports", "path": "a.json", "actor": by["actor"], "now": by["now"]}
    raise_divergences(integration=secret, said={"title": "Another"}, **more)
    return {"import_id": str(batch.pk), "divergence_id": str(Divergence.objects.get(integration=secret).pk)}
