from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "foundation"
    verbose_name = "Foundation"

    def ready(self) -> None:
        from foundation import checks, logs

        _ = checks  # registered by being imported
        logs.configure()
