"""Django's entry for the register of providers."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "oversight.providers"
    label = "providers"
    verbose_name = "合作机构名录"
