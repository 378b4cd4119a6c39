"""Django's entry for the bureau's desk."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "oversight.cases"
    label = "cases"
    verbose_name = "督办与报备"
