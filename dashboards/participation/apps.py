"""Django's entry for the participation dashboard."""

from django.apps import AppConfig


class ParticipationConfig(AppConfig):
    name = "dashboards.participation"
    label = "dashboard_participation"
    verbose_name = "参与情况"
