"""Django's entry for this room."""

from django.apps import AppConfig


class VoiceConfig(AppConfig):
    name = "schools.voice"
    label = "voice"
    verbose_name = "评价与投诉"
