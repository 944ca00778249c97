"""Celery carries wake-ups when CELERY_BROKER_URL is set. Messages hold a task's name and ids, never state; losing one loses nothing."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")

app = Celery("portolan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
