"""Address of the participation dashboard."""

from django.urls import URLPattern, URLResolver, path

from dashboards.participation import views

app_name = "participation"
urlpatterns: list[URLPattern | URLResolver] = [path("participation/", views.home, name="home")]
