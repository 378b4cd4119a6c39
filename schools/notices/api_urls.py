"""Addresses of the API of notices, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.notices import api

app_name = "api_notices"
urlpatterns: list[URLPattern | URLResolver] = [
    path("notices/", api.Received.as_view(), name="received"),
    path("notices/open/", api.OpenNotices.as_view(), name="open"),
    path("notices/news/", api.FamilyNews.as_view(), name="news"),
    path("notices/news/<uuid:about>/<slug:what>/", api.OneNews.as_view(), name="one_news"),
    path("notices/news/<uuid:about>/<slug:what>/read/", api.ReadNews.as_view(), name="read_news"),
    path("notices/<uuid:delivery_id>/", api.OneReceived.as_view(), name="one_received"),
    path("notices/<uuid:delivery_id>/acknowledge/", api.Acknowledge.as_view(), name="acknowledge"),
]
