"""What a stranger has of their own, so that their commands get far: with what is hidden leaning on it in one of two worlds."""

from typing import Any

from catalog.models import Divergence, Integration
from catalog.services import bulk, documents, relations, roadmap
from catalog.services.imports import batches
from catalog.services.imports.divergences import raise_divergences
from catalog.services.views import save_view
from runtime_adapters.models import Deployment

FLOW, PART, CONNECTION = "eves-flow", "eves-part", "eves-connection"
_IMPORTED = b'{"name": "Imported", "nodes": [], "connections": {}}'


def add_own(estate: Any) -> dict[str, str]:
    """An integration, a component and a connection of the team `logistics`, with all that a path can name; the places of them."""
    given, by = estate.given, estate.given.by("eve")
    row = given.integration(FLOW, team="logistics", by="eve")
    given.component(PART, team="logistics", by="eve")
    given.component_version(PART, by="eve")
    given.connection(CONNECTION, team="logistics", by="eve")
    documents.write_document(integration=FLOW, section="overview", body="Words.", expected_version=None, **by)
    pins = {**given.flow_manifest(), "pins": [{"component": PART, "version": "1.0.0"}]}
    given.release(row, "1.0.0", manifest=pins, by="eve")
    asked = given.asked("1.0.0", integration=FLOW, by="eve")
    item = roadmap.add_item(integration=FLOW, title="Fewer calls", quarter="2027-Q1", **by)
    relation = relations.add_relation(
        source_kind="integration", source=FLOW, type="feeds", target_kind="integration", target="open-one", **by
    )
    view = save_view(title="Mine", query="q=erp", is_shared=True, **by)
    version = Integration.objects.get(slug=FLOW).version
    batch = bulk.apply_rows(rows=[{"slug": FLOW, "version": version, "reuse_check": "Nothing else."}], **by)
    imported = batches.start_import(label="exports", team="logistics", files=[("a.json", _IMPORTED)], **by)
    said = {"label": "exports", "path": "a.json", "actor": by["actor"], "now": by["now"]}
    raise_divergences(integration=row, said={"title": "Another"}, **said)
    slot = given.slot_of(asked)
    running = Deployment.objects.filter(slot=slot).order_by("requested_at").last()
    return {
        "username": "eve",
        "team": "logistics",
        "integration": FLOW,
        "component": PART,
        "connection": CONNECTION,
        "number": str(asked.number),
        "digest": asked.subject_digest,
        "slot": str(slot.pk),
        **({"deployment_id": str(running.pk)} if running else {}),
        "item_id": str(item.pk),
        "relation_id": str(relation.pk),
        "view_id": str(view.pk),
        "batch_id": str(batch.id),
        "import_id": str(imported.pk),
        "divergence_id": str(Divergence.objects.get(integration=row).pk),
    }


def lean_on(given: Any, unseen: str) -> None:
    """The hidden integration relies on what the stranger has, and is built with it."""
    by = given.by("olga")
    given.later(minutes=1)
    for kind, target in (("integration", FLOW), ("component", PART), ("connection", CONNECTION)):
        relations.add_relation(
            type="depends-on", source_kind="integration", source=unseen, target_kind=kind, target=target, note="needle", **by
        )
    pins = {**given.flow_manifest(), "pins": [{"component": PART, "version": "1.0.0"}]}
    given.release(Integration.objects.get(slug=unseen), "2.0.0", manifest=pins, by="olga")
