"""Addresses of the API of consultation and plan, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.planning import api

app_name = "api_planning"
urlpatterns: list[URLPattern | URLResolver] = [
    path("consultations/", api.Consultations.as_view(), name="consultations"),
    path("consultations/<uuid:consultation_id>/answers/", api.Answers.as_view(), name="answers"),
    path("plans/", api.Plans.as_view(), name="plans"),
    path("plans/<uuid:plan_id>/", api.OnePlan.as_view(), name="plan"),
    path("plans/<uuid:plan_id>/amendments/", api.Amendments.as_view(), name="amendments"),
]
