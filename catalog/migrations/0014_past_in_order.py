"""Indexes for pages of the past: rows of a history in the order of a list. Written out, because history models take no indexes of their own."""

from django.db import migrations

_INTEGRATIONS, _RELATIONS = "catalog_historicalintegration", "catalog_historicalrelation"
INDEXES = {
    "catalog_then_by_slug": f"{_INTEGRATIONS} (slug_key, history_id)",
    "catalog_then_by_change": f"{_INTEGRATIONS} (changed_at, history_id)",
    "catalog_then_by_creation": f"{_INTEGRATIONS} (created_at, history_id)",
    "catalog_then_by_tier": f"{_INTEGRATIONS} (tier, slug_key, history_id)",
    "catalog_then_deleted": f"{_INTEGRATIONS} (id) WHERE tombstoned_at IS NOT NULL",
    "catalog_related_then": f"{_RELATIONS} (type, history_id)",
    "catalog_related_since": f"{_RELATIONS} (since, history_id)",
}


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0013_import_attempts'),
    ]

    operations = [migrations.RunSQL(f"CREATE INDEX {name} ON {of}", f"DROP INDEX {name}") for name, of in INDEXES.items()]
