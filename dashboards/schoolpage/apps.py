"""Django's entry for the page of one school."""

from django.apps import AppConfig


class SchoolPageConfig(AppConfig):
    name = "dashboards.schoolpage"
    label = "dashboard_schoolpage"
    verbose_name = "学校页"
