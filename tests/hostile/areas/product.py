"""What an integration plans and stands in relation to, and its other name."""

from catalog.services import relations, roadmap

WHO = {
    **dict.fromkeys(["integrations_roadmap_list", "integrations_roadmap_retrieve", "integrations_relations_list"], "who sees it"),
    **dict.fromkeys(
        [
            "integrations_roadmap_create",
            "integrations_roadmap_partial_update",
            "integrations_roadmap_destroy",
            "integrations_relations_create",
            "integrations_relations_destroy",
            "integrations_rename_create",
        ],
        "who owns it",
    ),
    "relations_list": "everybody",
    "relations_create": "who owns it",
    "relations_retrieve": "who sees it",
    "relations_destroy": "who owns it",
}
BODIES = {
    "integrations_roadmap_create": {"quarter": "2027-Q1"},
    "integrations_relations_create": {"type": "depends-on", "entity_kind": "system", "entity": "erp"},
    "relations_create": {"of_kind": "integration", "of": "orders-to-erp", "type": "uses", "entity_kind": "data-object", "entity": "orders"},
    "integrations_rename_create": {"slug": "orders-to-erp"},
}
MISSING = {
    "item_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "relation_id": "01890a5d-ac96-774b-bcce-b302099a8057",
}


def places(estate):
    """One planned improvement and one relation of the restricted integration."""
    by = estate.given.by("root")
    item = roadmap.add_item(integration="orders-to-erp", title="Fewer calls", quarter="2027-Q1", **by)
    source = {"source_kind": "integration", "source": "orders-to-erp"}
    relation = relations.add_relation(**source, type="feeds", target_kind="system", target="erp", **by)
    return {"item_id": str(item.id), "relation_id": str(relation.id)}
