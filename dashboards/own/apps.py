"""Django's entry for the school's view of itself."""

from django.apps import AppConfig


class OwnConfig(AppConfig):
    name = "dashboards.own"
    label = "dashboard_own"
    verbose_name = "市级看到的本校"
