"""Address of the overview dashboard."""

from django.urls import URLPattern, URLResolver, path

from dashboards.overview import views

app_name = "overview"
urlpatterns: list[URLPattern | URLResolver] = [path("", views.home, name="home")]
