"""Addresses of the style guide. Outside the demo each of them is 404."""

from django.urls import URLPattern, URLResolver, path

from afterbell.pages.styleguide import views

app_name = "styleguide"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.overview, name="overview"),
    path("family/", views.family, name="family"),
    path("family/check/", views.check_answers, name="check"),
    path("family/done/", views.done, name="done"),
    path("gate/", views.gate, name="gate"),
    path("confirm/", views.confirm, name="confirm"),
    path("errors/<slug:name>/", views.error_page, name="error"),
    path("document.pdf", views.document, name="document"),
]
