from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_retitled_teams")]

    operations = [
        migrations.AlterField(
            model_name="divergence",
            name="state",
            field=models.CharField(
                choices=[("open", "Open"), ("accepted", "Accepted"), ("rejected", "Rejected"), ("settled", "Settled")],
                default="open",
                max_length=8,
            ),
        ),
    ]
