"""Address of a district's page."""

from django.urls import URLPattern, URLResolver, path

from dashboards.districts import views

app_name = "districts"
urlpatterns: list[URLPattern | URLResolver] = [path("districts/<str:code>/", views.district, name="district")]
