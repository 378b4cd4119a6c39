"""Django's entry for the tenants: tables of the public schema."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = "学校与政策"
