"""Django's entry for the register's templates."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "dashboards.register"
    label = "register"
    verbose_name = "学校名录"
