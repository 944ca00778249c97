"""Finding: weighed words, one index for each scope of the visibility rule, facets from one index, names of carried fields."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

from foundation.searching import stored

BATCH = 500
CARRIED = """
INSERT INTO catalog_carriedname (name)
SELECT DISTINCT unnest(carried) FROM catalog_flowendpoint ON CONFLICT DO NOTHING;
"""
WEIGHED = " || ".join(
    f"setweight(to_tsvector('simple'::regconfig, split_part(%(expressions)s, E'\\n', {line})), '{weight}')"
    for line, weight in enumerate("ABCD", 1)
)


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
    dependencies = [
        ("catalog", "0006_tombstones"),
    ]

    operations = [
        migrations.CreateModel(
            name="CarriedName",
            fields=[
                ("name", models.CharField(db_collation="C", max_length=190, primary_key=True, serialize=False)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.RemoveIndex(
            model_name="integration",
            name="integration_by_visibility",
        ),
        migrations.AddField(
            model_name="integration",
            name="calls_ai",
            field=models.GeneratedField(
                db_persist=True, expression=models.Q(("ai_use", []), _negated=True), output_field=models.BooleanField()
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.RunSQL(CARRIED, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="integration", name="integration_search"),
        migrations.RemoveField(model_name="integration", name="search_vector"),
        migrations.RunPython(weigh, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            model_name="integration",
            name="search_vector",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("search_text"),
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                    template=f"({WEIGHED})",
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="integration",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_vector"], name="integration_search"),
        ),
        migrations.AddIndex(
            model_name="integration",
            index=models.Index(
                condition=models.Q(("tombstoned_at__isnull", True), ("visibility", "organisation")),
                fields=["slug_key", "id"],
                name="integration_open",
            ),
        ),
        migrations.AddIndex(
            model_name="integration",
            index=models.Index(
                condition=models.Q(("tombstoned_at__isnull", True), ("visibility", "restricted")),
                fields=["team", "slug_key", "id"],
                name="integration_kept",
            ),
        ),
        migrations.AddIndex(
            model_name="integration",
            index=models.Index(
                condition=models.Q(("tombstoned_at__isnull", True)), fields=["visibility", "changed_at", "id"], name="integration_by_change"
            ),
        ),
        migrations.AddIndex(
            model_name="integration",
            index=models.Index(
                condition=models.Q(("tombstoned_at__isnull", True)),
                fields=["visibility", "created_at", "id"],
                name="integration_by_creation",
            ),
        ),
        migrations.AddIndex(
            model_name="integration",
            index=models.Index(
                condition=models.Q(("tombstoned_at__isnull", True)),
                fields=["visibility", "tier", "slug_key", "id"],
                name="integration_by_tier",
            ),
        ),
        migrations.AddIndex(
            model_name="integration",
            index=models.Index(
                condition=models.Q(("tombstoned_at__isnull", True)),
                fields=["visibility", "team", "stage", "tier", "type", "calls_ai"],
                include=("id",),
                name="integration_facets",
            ),
        ),
        migrations.AddIndex(
            model_name="integration",
            index=django.contrib.postgres.indexes.GinIndex(fields=["labels"], name="integration_labels"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(condition=models.Q(("version__gte", 1)), name="saved_view_version_positive"),
        ),
    ]
