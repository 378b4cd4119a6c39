"""Django's entry for this room."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "schools.care"
    label = "care"
    verbose_name = "看护"
