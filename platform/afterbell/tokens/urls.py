"""Addresses of the tokens' pages, on the city's host below /accounts/tokens/."""

from django.urls import URLPattern, URLResolver, path

from afterbell.tokens import views

app_name = "tokens"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.tokens, name="tokens"),
    path("new/", views.new, name="new"),
    path("mine/", views.mine, name="mine"),
    path("mine/<uuid:token_id>/agree/", views.agree, name="agree"),
    path("mine/<uuid:token_id>/revoke/", views.revoke_own, name="revoke_own"),
    path("<uuid:token_id>/revoke/", views.revoke, name="revoke"),
]
