"""Django's entry for the accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "afterbell.accounts"
    label = "accounts"
    verbose_name = "账号"
