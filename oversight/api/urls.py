"""Addresses of the city's API of figures."""

from django.urls import URLPattern, URLResolver, path

from oversight.api import figures, register

app_name = "city_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("terms/", register.Terms.as_view(), name="terms"),
    path("districts/", register.Districts.as_view(), name="districts"),
    path("schools/", register.Schools.as_view(), name="schools"),
    path("indicators/", figures.Indicators.as_view(), name="indicators"),
    path("figures/", figures.Figures.as_view(), name="figures"),
    path("age/", figures.Age.as_view(), name="age"),
]
