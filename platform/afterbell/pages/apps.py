"""Django's entry for the pages."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "afterbell.pages"
    label = "pages"

    def ready(self) -> None:
        from afterbell.pages import text

        text.forms_look()
