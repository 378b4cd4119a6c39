"""Django's entry for the overview dashboard."""

from django.apps import AppConfig


class OverviewConfig(AppConfig):
    name = "dashboards.overview"
    label = "dashboard_overview"
    verbose_name = "全市总览"
