"""Addresses of the tokens' pages, on the city's host below /accounts/tokens/."""

from django.urls import URLPattern, URLResolver, path

from afterbell.tokens import views

app_name = "tokens"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.tokens, name="tokens"),
    path("new/", views.new, name="new"),
    path("<uuid:token_id>/revoke/", views.revoke, name="revoke"),
]
