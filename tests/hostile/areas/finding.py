"""Facets, suggestions and saved views: everybody's, each about what they may see."""

from typing import Any

WHO = {
    **dict.fromkeys(
        ["integrations_facets", "search_suggestions", "saved_views_list", "saved_views_create", "saved_views_retrieve"], "everybody"
    ),
    **dict.fromkeys(["saved_views_partial_update", "saved_views_destroy"], "the owning team"),  # its owner, and administrators
}
BODIES = {"saved_views_create": {"title": "Another", "query": "q=erp"}, "saved_views_partial_update": {"title": "Renamed"}}


def places(estate: Any) -> dict[str, str]:
    """A view that somebody shares."""
    from catalog.services import views

    saved = views.save_view(title="Shared", query="stage=live", is_shared=True, **estate.given.by("olga"))
    return {"view_id": str(saved.id)}
