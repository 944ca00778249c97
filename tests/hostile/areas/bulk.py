"""Batches and sheets: every row is judged by itself, so a stranger gets an answer that tells nothing."""

from catalog.services import bulk

WHO = {
    "integrations_bulk": "everybody",
    "integrations_sheet": "everybody",
    "integrations_export": "everybody",
    "bulk_batches_list": "everybody",
    **dict.fromkeys(
        ["bulk_batches_retrieve", "bulk_batches_rows_list", "bulk_batches_cancel", "bulk_batches_apply", "bulk_batches_undo"], "who made it"
    ),
}
BODIES = {"integrations_sheet": {"format": "csv", "content": "slug,version,title\r\n"}}
OWN_NAMES = {"bulk-batches": "batch_id"}
MISSING = {"batch_id": "01890a5d-ac96-774b-bcce-b302099a8057"}


def places(estate):
    """A batch of the owner's, on the restricted integration."""
    from tests.hostile.estate import SECRET

    rows = [{"slug": SECRET, "version": version_of(SECRET), "reuse_check": "Nothing else carries orders."}]
    outcome = bulk.apply_rows(rows=rows, **estate.given.by("olga"))
    return {"batch_id": str(outcome.id)}


def version_of(slug):
    from catalog.models import Integration

    return Integration.objects.get(slug=slug).version
