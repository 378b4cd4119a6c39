"""Django's entry for the public pages' templates and styles."""

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    name = "oversight.disclosure"
    label = "disclosure"
    verbose_name = "公开信息"
