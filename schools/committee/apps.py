"""Django's entry for this room."""

from django.apps import AppConfig


class CommitteeConfig(AppConfig):
    name = "schools.committee"
    label = "committee"
    verbose_name = "家长委员会"
