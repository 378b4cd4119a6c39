"""Addresses of the API of enrolment, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.enrolment import api, supplement_api

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
    path(
        "family/agreements/<uuid:agreement_id>/further/",
        supplement_api.FurtherActivities.as_view(),
        name="further",
    ),
    path(
        "family/agreements/<uuid:agreement_id>/supplements/texts/",
        supplement_api.SupplementTexts.as_view(),
        name="supplement_texts",
    ),
    path(
        "family/agreements/<uuid:agreement_id>/supplements/",
        supplement_api.OwnSupplements.as_view(),
        name="own_supplements",
    ),
    path(
        "family/supplements/<uuid:supplement_id>/",
        supplement_api.OwnSupplement.as_view(),
        name="own_supplement",
    ),
    path(
        "family/supplements/<uuid:supplement_id>/withdrawal/",
        supplement_api.SupplementWithdrawal.as_view(),
        name="supplement_withdrawal",
    ),
    path("supplements/", supplement_api.Supplements.as_view(), name="supplements"),
    path("supplements/<uuid:supplement_id>/", supplement_api.OneSupplement.as_view(), name="supplement"),
    path(
        "supplements/<uuid:supplement_id>/reviews/school/",
        supplement_api.SupplementSchoolReviews.as_view(),
        name="supplement_school_reviews",
    ),
    path(
        "supplements/<uuid:supplement_id>/reviews/committee/",
        supplement_api.SupplementCommitteeReviews.as_view(),
        name="supplement_committee_reviews",
    ),
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
