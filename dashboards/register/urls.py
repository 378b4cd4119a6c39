"""Addresses of the register, on the city's host."""

from django.urls import URLPattern, URLResolver, path

from dashboards.register import views

app_name = "register"
urlpatterns: list[URLPattern | URLResolver] = [path("schools/", views.schools, name="schools")]
