"""Django's entry for the pages of a city's set-up."""

from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "oversight.setup"
    label = "setup"
    verbose_name = "全市设置"
