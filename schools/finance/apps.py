"""Django's entry for this room."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "schools.finance"
    label = "finance"
    verbose_name = "财务"
