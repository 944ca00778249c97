"""Names of what is there already, and the beginning of the histories of its endpoints."""

from django.db import migrations

NAMES = "".join(
    f"""
INSERT INTO catalog_name (kind, key, slug, entity_id, is_current, since)
SELECT '{kind}', slug_key, slug, id, true, now() FROM catalog_{table};
"""
    for kind, table in (("integration", "integration"), ("system", "system"), ("data-object", "dataobject"), ("environment", "environment"))
)
# An endpoint's history begins with the newest change of its integration: what was before it was not kept.
HISTORIES = """
INSERT INTO catalog_historicalflowendpoint
    (id, role, operation, fields_touched, cadence, address, volume_per_day, event_id, history_date, history_type,
     integration_id, system_id, data_object_id, history_relation_id, history_change_reason)
SELECT e.id, e.role, e.operation, e.fields_touched, e.cadence, e.address, e.volume_per_day, told.id, told.at, '+',
     e.integration_id, e.system_id, e.data_object_id, e.id, NULL
  FROM catalog_flowendpoint e
  JOIN LATERAL (
    SELECT id, at FROM audit_event
     WHERE subject_type = 'catalog.integration' AND subject_id = e.integration_id AND version IS NOT NULL
     ORDER BY version DESC LIMIT 1) told ON true;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_catalog_grows"), ("audit", "0003_heartbeat")]

    operations = [migrations.RunSQL(NAMES, migrations.RunSQL.noop), migrations.RunSQL(HISTORIES, migrations.RunSQL.noop)]
