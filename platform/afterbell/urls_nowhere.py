"""Addresses of a host that leads nowhere: none."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []

handler400 = "afterbell.pages.errors.bad_request"
handler403 = "afterbell.pages.errors.permission_denied"
handler404 = "afterbell.pages.errors.page_not_found"
handler500 = "afterbell.pages.errors.server_error"
