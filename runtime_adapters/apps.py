from django.apps import AppConfig


class RuntimeAdaptersConfig(AppConfig):
    name = "runtime_adapters"
    verbose_name = "Runtimes and delivery"
