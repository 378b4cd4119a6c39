"""Addresses of the audit chains, on the city's host."""

from django.urls import URLPattern, URLResolver, path

from oversight.trail import entry_views, views

app_name = "trail"
urlpatterns: list[URLPattern | URLResolver] = [
    path("audit/", entry_views.search, name="entries"),
    path("audit/export/", entry_views.export, name="export"),
    path("audit/chains/", views.chains, name="chains"),
    path("audit/chains/<str:code>/", views.chain, name="chain"),
    path("audit/verify/", views.verify, name="verify"),
    path("audit/verify/progress/", views.progress, name="progress"),
]
