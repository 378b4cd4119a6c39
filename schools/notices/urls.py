"""Addresses of the pages of notices."""

from django.urls import URLPattern, URLResolver, path

from schools.notices import views

app_name = "notices"
urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/notices/", views.desk, name="desk"),
    path("desk/notices/new/", views.write, name="write"),
    path("desk/notices/drafts/<uuid:draft_id>/", views.draft, name="draft"),
    path("desk/notices/drafts/<uuid:draft_id>/publish/", views.publish, name="publish"),
    path("desk/notices/<uuid:notice_id>/", views.notice, name="notice"),
    path("desk/notices/<uuid:notice_id>/letter.pdf", views.letter, name="letter"),
    path("family/notices/", views.mine, name="mine"),
    path("family/notices/<uuid:about>/<slug:what>/", views.told, name="news"),
    path("family/notices/<uuid:delivery_id>/", views.received, name="received"),
    path("open/notices/", views.open_list, name="open_list"),
    path("open/notices/<uuid:notice_id>/", views.open_notice, name="open"),
]
