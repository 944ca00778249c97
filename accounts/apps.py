from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and machines"

    def ready(self) -> None:
        from accounts import receivers

        receivers.connect()
