"""Addresses of the public pages, on the city's host."""

from django.urls import URLPattern, URLResolver, path

from oversight.disclosure import views

app_name = "disclosure"
urlpatterns: list[URLPattern | URLResolver] = [
    path("disclosure/", views.home, name="home"),
    path("disclosure/fees/", views.fees, name="fees"),
    path("disclosure/statements/", views.statements, name="statements"),
    path("disclosure/verify/", views.verify, name="verify"),
    path("disclosure/participation/", views.participation, name="participation"),
    path("disclosure/about/", views.about, name="about"),
]
