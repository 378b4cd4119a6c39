"""Django's entry for the exchange: one table, in every schema; each side reads its own."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "tenants.exchange"
    label = "exchange"
    verbose_name = "校局往来"
