"""Django's entry for the price bureau's desk."""

from django.apps import AppConfig


class CostsConfig(AppConfig):
    name = "oversight.costs"
    label = "costs"
    verbose_name = "成本"
