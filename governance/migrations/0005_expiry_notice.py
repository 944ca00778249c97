import django.db.models.deletion
from django.db import migrations, models

import foundation.ids


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0013_import_attempts'),
        ('governance', '0004_notifier'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExpiryNotice',
            fields=[
                ('id', models.UUIDField(default=foundation.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('need', models.CharField(choices=[('expires-soon', 'expires-soon'), ('expired', 'expired')], max_length=12)),
                ('expires_at', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.connection')),
            ],
        ),
        migrations.AddConstraint(
            model_name='expirynotice',
            constraint=models.UniqueConstraint(fields=('connection', 'need', 'expires_at'), name='expiry_told_once'),
        ),
    ]
