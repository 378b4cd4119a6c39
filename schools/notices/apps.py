"""Django's entry for this room."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "schools.notices"
    label = "notices"
    verbose_name = "通知"
