"""Django's entry for the people of a school."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "schools.people"
    label = "people"
    verbose_name = "师生与家长"
