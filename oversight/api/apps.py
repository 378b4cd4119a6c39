"""Django's entry for the city's API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "oversight.api"
    label = "oversight_api"
    verbose_name = "数据接口"
