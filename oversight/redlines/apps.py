"""Django's entry for the red lines."""

from django.apps import AppConfig


class RedlinesConfig(AppConfig):
    name = "oversight.redlines"
    label = "redlines"
    verbose_name = "预警"
