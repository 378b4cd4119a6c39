"""Address of the school's view of itself, on its own host."""

from django.urls import URLPattern, URLResolver, path

from dashboards.own import views

app_name = "own"
urlpatterns: list[URLPattern | URLResolver] = [path("desk/overview/", views.overview, name="overview")]
