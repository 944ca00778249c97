"""The words of what is there already, line by line. By itself: a table cannot be altered where its rows were just written."""

from django.db import migrations

from foundation.searching import stored

BATCH = 500


def weigh(apps, _schema_editor):
    """Write the words of every integration anew, as `catalog.services.search.search_words` had them on this day."""
    integrations = apps.get_model("catalog", "Integration").objects.select_related("team").defer("support", "change_policy")
    rows = integrations.prefetch_related("endpoints__system", "endpoints__data_object", "documents")
    batch = []
    for row in rows.order_by("pk").iterator(chunk_size=BATCH):
        row.search_text = words_of(row)
        batch.append(row)
        if len(batch) == BATCH:
            integrations.bulk_update(batch, ["search_text"])
            batch = []
    if batch:
        integrations.bulk_update(batch, ["search_text"])


def words_of(row):
    around = [*row.tags, row.team.slug, row.team.title]
    for endpoint in row.endpoints.all():
        named = [endpoint.system, *([endpoint.data_object] if endpoint.data_object else [])]
        around += [word for one in named for word in (one.slug, one.title)]
        around += endpoint.fields_touched
    bodies = [document.body[:20_000] for document in row.documents.all()]
    lines = [[row.slug, row.title], list(dict.fromkeys(around)), [row.purpose], bodies]
    return "\n".join(" ".join(filter(None, map(stored, line))) for line in lines)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_finding")]

    operations = [migrations.RunPython(weigh, migrations.RunPython.noop, elidable=True)]
