"""Addresses of the pages of the parents' committee."""

from django.urls import URLPattern, URLResolver, path

from schools.committee import views

app_name = "committee"
urlpatterns: list[URLPattern | URLResolver] = [
    path("committee/", views.home, name="home"),
    path("committee/seats/new/", views.appoint, name="appoint"),
    path("committee/seats/<uuid:seat_id>/end/", views.end, name="end_seat"),
    path("committee/resolutions/new/", views.propose, name="propose"),
    path("committee/resolutions/<uuid:resolution_id>/", views.resolution, name="resolution"),
    path("committee/resolutions/<uuid:resolution_id>/close/", views.close, name="close"),
]
