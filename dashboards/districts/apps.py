"""Django's entry for the page of one district."""

from django.apps import AppConfig


class DistrictsConfig(AppConfig):
    name = "dashboards.districts"
    label = "dashboard_districts"
    verbose_name = "区县"
