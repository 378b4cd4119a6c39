"""Address of a school's page on the city's host."""

from django.urls import URLPattern, URLResolver, path

from dashboards.schoolpage import views

app_name = "schoolpage"
urlpatterns: list[URLPattern | URLResolver] = [path("schools/<str:code>/", views.school, name="school")]
