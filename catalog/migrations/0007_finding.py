"""Finding: weighed words, one index for each scope of the visibility rule, facets from one index, names of carried fields."""

import django.contrib.postgres.indexes
from django.db import migrations, models

CARRIED = """
INSERT INTO catalog_carriedname (name)
SELECT DISTINCT unnest(carried) FROM catalog_flowendpoint ON CONFLICT DO NOTHING;
"""


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
