"""Django's entry for the templates of the catalogue's page."""

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "dashboards.indicators"
    label = "dashboard_indicators"
    verbose_name = "指标说明"
