"""Django's entry for the anchors: tables of the public schema, read and written by the city's role alone."""

from django.apps import AppConfig


class AnchorsConfig(AppConfig):
    name = "tenants.anchors"
    label = "anchors"
    verbose_name = "审计锚点"
