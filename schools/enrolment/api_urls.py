"""Addresses of the API of enrolment, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.enrolment import api

app_name = "api_enrolment"
urlpatterns: list[URLPattern | URLResolver] = [
    path("family/offers/", api.Offers.as_view(), name="offers"),
    path("family/applications/texts/", api.Texts.as_view(), name="texts"),
    path("family/applications/", api.OwnApplications.as_view(), name="own_applications"),
    path("family/applications/<uuid:application_id>/", api.OwnApplication.as_view(), name="own_application"),
    path(
        "family/applications/<uuid:application_id>/withdrawal/", api.Withdrawal.as_view(), name="withdrawal"
    ),
    path(
        "family/applications/<uuid:application_id>/stop-waiting/",
        api.StopWaiting.as_view(),
        name="stop_waiting",
    ),
    path("family/agreements/<uuid:agreement_id>/exit/", api.Exit.as_view(), name="exit"),
    path("applications/", api.Applications.as_view(), name="applications"),
    path("applications/waiting/", api.WaitingList.as_view(), name="waiting"),
    path("applications/<uuid:application_id>/", api.OneApplication.as_view(), name="application"),
    path(
        "applications/<uuid:application_id>/reviews/school/",
        api.SchoolReviews.as_view(),
        name="school_reviews",
    ),
    path(
        "applications/<uuid:application_id>/reviews/committee/",
        api.CommitteeReviews.as_view(),
        name="committee_reviews",
    ),
]
