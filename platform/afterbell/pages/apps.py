"""Django's entry for the pages."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "afterbell.pages"
    label = "pages"
