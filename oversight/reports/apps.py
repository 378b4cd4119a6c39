"""Django's entry for the reports of schools."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "oversight.reports"
    label = "reports"
    verbose_name = "学校上报"
