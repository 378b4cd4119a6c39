"""Address of the dashboard of fees and costs."""

from django.urls import URLPattern, URLResolver, path

from dashboards.fees import views

app_name = "fees"
urlpatterns: list[URLPattern | URLResolver] = [path("fees/", views.home, name="home")]
