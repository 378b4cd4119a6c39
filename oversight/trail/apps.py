"""Django's entry for the audit administrator's desk."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "oversight.trail"
    label = "trail"
    verbose_name = "审计链"
