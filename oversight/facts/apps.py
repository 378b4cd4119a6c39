"""Django's entry for the facts."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "oversight.facts"
    label = "oversight"
    verbose_name = "监管数据"
