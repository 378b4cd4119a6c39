"""Django's entry for this room."""

from django.apps import AppConfig


class StaffingConfig(AppConfig):
    name = "schools.staffing"
    label = "staffing"
    verbose_name = "服务人员"
