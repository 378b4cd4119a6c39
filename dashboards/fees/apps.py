"""Django's entry for the dashboard of fees and costs."""

from django.apps import AppConfig


class FeesConfig(AppConfig):
    name = "dashboards.fees"
    label = "dashboard_fees"
    verbose_name = "收费与成本"
