"""Django's entry for the accounts."""

from django.apps import AppConfig

from afterbell.kernel.strings import dotted


class AccountsConfig(AppConfig):
    name = "afterbell.accounts"
    label = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        """The OpenAPI description learns our login by importing it, which needs the loaded applications."""
        dotted("afterbell.accounts.openapi.SessionLoginScheme")
