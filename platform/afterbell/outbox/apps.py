"""Django's entry for this room."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "afterbell.outbox"
    label = "outbox"
    verbose_name = "发件箱"
