"""Django's entry for the complaints dashboard."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "dashboards.complaints"
    label = "dashboard_complaints"
    verbose_name = "投诉"
