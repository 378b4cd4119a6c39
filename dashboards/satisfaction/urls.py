"""Address of the satisfaction dashboard."""

from django.urls import URLPattern, URLResolver, path

from dashboards.satisfaction import views

app_name = "satisfaction"
urlpatterns: list[URLPattern | URLResolver] = [path("satisfaction/", views.home, name="home")]
