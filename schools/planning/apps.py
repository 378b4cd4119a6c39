"""Django's entry for this room."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "schools.planning"
    label = "planning"
    verbose_name = "方案"
