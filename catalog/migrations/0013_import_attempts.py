from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0012_settled_divergences'),
    ]

    operations = [
        migrations.AddField(
            model_name='importfile',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='importsource',
            index=models.Index(fields=['label', 'content_digest'], name='import_source_by_content'),
        ),
        migrations.AddIndex(
            model_name='importsource',
            index=models.Index(fields=['label', 'part'], name='import_source_by_part'),
        ),
    ]
