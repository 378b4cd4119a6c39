"""Addresses of the API of the people of a school, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.people import api

app_name = "api_people"
urlpatterns: list[URLPattern | URLResolver] = [
    path("pupils/", api.Pupils.as_view(), name="pupils"),
    path("pupils/<uuid:pupil_id>/", api.OnePupil.as_view(), name="pupil"),
    path("children/", api.Children.as_view(), name="children"),
    path("children/<uuid:pupil_id>/", api.OneChild.as_view(), name="child"),
]
