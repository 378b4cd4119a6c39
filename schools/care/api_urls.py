"""Addresses of the API of the gate and the classroom, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.care.api import Operations

app_name = "api_care"
urlpatterns: list[URLPattern | URLResolver] = [
    path("care/operations/", Operations.as_view(), name="operations"),
]
