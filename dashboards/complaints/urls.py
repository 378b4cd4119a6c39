"""Address of the complaints dashboard."""

from django.urls import URLPattern, URLResolver, path

from dashboards.complaints import views

app_name = "complaints"
urlpatterns: list[URLPattern | URLResolver] = [path("complaints/", views.home, name="home")]
