"""Django's entry for the bureau's desk of complaints."""

from django.apps import AppConfig


class HearingsConfig(AppConfig):
    name = "oversight.hearings"
    label = "hearings"
    verbose_name = "投诉办理"
