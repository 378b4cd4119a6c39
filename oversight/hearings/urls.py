"""Addresses of the complaints' desk, on the city's host: pages and API."""

from django.urls import URLPattern, URLResolver, path

from oversight.hearings import api, views

PAGES = "complaints/desk/"
API = "api/v1/complaints/"

app_name = "hearings"
urlpatterns: list[URLPattern | URLResolver] = [
    path(PAGES, views.complaints, name="complaints"),
    path(f"{PAGES}<uuid:complaint_id>/", views.complaint, name="complaint"),
    path(f"{PAGES}<uuid:complaint_id>/receive/", views.receive, name="receive"),
    path(f"{PAGES}<uuid:complaint_id>/pass-on/", views.pass_on, name="pass_on"),
    path(f"{PAGES}<uuid:complaint_id>/answer/", views.answer, name="answer"),
    path(f"{PAGES}<uuid:complaint_id>/close/", views.close, name="close"),
    path(API, api.Complaints.as_view(), name="api_complaints"),
    path(f"{API}<uuid:complaint_id>/", api.OneComplaint.as_view(), name="api_complaint"),
    path(f"{API}<uuid:complaint_id>/receipt/", api.Receipt.as_view(), name="api_receive"),
    path(f"{API}<uuid:complaint_id>/passings/", api.Passings.as_view(), name="api_pass_on"),
    path(f"{API}<uuid:complaint_id>/answers/", api.Answers.as_view(), name="api_answer"),
    path(f"{API}<uuid:complaint_id>/closing/", api.Closing.as_view(), name="api_close"),
]
