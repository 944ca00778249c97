from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Portolan"

    def ready(self) -> None:
        """With a broker, every process must know our Celery app before it sends the first wake-up."""
        if settings.CELERY_BROKER_URL:
            import_module("config.celery")
