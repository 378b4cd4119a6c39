"""Addresses of the API of the parents' committee, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.committee import api

app_name = "api_committee"
urlpatterns: list[URLPattern | URLResolver] = [
    path("resolutions/", api.Resolutions.as_view(), name="resolutions"),
    path("resolutions/<uuid:resolution_id>/", api.OneResolution.as_view(), name="resolution"),
    path("resolutions/<uuid:resolution_id>/votes/", api.Votes.as_view(), name="votes"),
]
