"""The vector of the words: names weigh more than what is joined, that more than the purpose, and documents least."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

WEIGHED = " || ".join(
    f"setweight(to_tsvector('simple'::regconfig, split_part(%(expressions)s, E'\\n', {line})), '{weight}')"
    for line, weight in enumerate("ABCD", 1)
)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_words")]

    operations = [
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
    ]
