"""Django's entry for this room."""

from django.apps import AppConfig


class EnrolmentConfig(AppConfig):
    name = "schools.enrolment"
    label = "enrolment"
    verbose_name = "报名"
