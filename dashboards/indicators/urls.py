"""Address of the catalogue, on the city's host."""

from django.urls import URLPattern, URLResolver, path

from dashboards.indicators import views

app_name = "indicators"
urlpatterns: list[URLPattern | URLResolver] = [path("indicators/", views.catalogue, name="catalogue")]
