"""Django's entry for the audit log."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "afterbell.audit"
    label = "audit"
    verbose_name = "审计"
