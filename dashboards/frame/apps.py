"""Django's entry for the templates of the frame."""

from django.apps import AppConfig


class FrameConfig(AppConfig):
    name = "dashboards.frame"
    label = "dashboard_frame"
    verbose_name = "看板框架"
