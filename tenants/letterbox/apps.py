"""Django's entry for the letterbox: tables of the public schema, read by the city and by the letterbox's own role."""

from django.apps import AppConfig


class LetterboxConfig(AppConfig):
    name = "tenants.letterbox"
    label = "letterbox"
    verbose_name = "教育局投诉"
