"""Django's entry for the satisfaction dashboard."""

from django.apps import AppConfig


class SatisfactionConfig(AppConfig):
    name = "dashboards.satisfaction"
    label = "dashboard_satisfaction"
    verbose_name = "满意度"
