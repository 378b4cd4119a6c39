"""Addresses of the pages of enrolment."""

from django.urls import URLPattern, URLResolver, path

from schools.enrolment import (
    apply_views,
    desk_views,
    family_views,
    supplement_desk_views,
    supplement_views,
)
from schools.enrolment.desk_views import COMMITTEE, DESK

app_name = "enrolment"
urlpatterns: list[URLPattern | URLResolver] = [
    path("family/apply/", apply_views.child, name="apply"),
    path("family/apply/activities/", apply_views.activities, name="apply_activities"),
    path("family/apply/places/", apply_views.places, name="apply_places"),
    path("family/apply/home/", apply_views.home, name="apply_home"),
    path("family/apply/agreement/", apply_views.agreement, name="apply_agreement"),
    path("family/apply/signature/", apply_views.signature, name="apply_signature"),
    path("family/apply/check/", apply_views.check, name="apply_check"),
    path("family/applications/", family_views.applications, name="applications"),
    path("family/applications/<uuid:application_id>/", family_views.application, name="application"),
    path("family/applications/<uuid:application_id>/withdraw/", family_views.withdraw, name="withdraw"),
    path(
        "family/applications/<uuid:application_id>/stop-waiting/",
        family_views.stop_waiting,
        name="stop_waiting",
    ),
    path("family/applications/<uuid:application_id>/form.pdf", family_views.form_pdf, name="form_pdf"),
    path("family/agreements/<uuid:agreement_id>/exit/", family_views.leave, name="exit"),
    path(
        "family/agreements/<uuid:agreement_id>/agreement.pdf",
        family_views.agreement_pdf,
        name="agreement_pdf",
    ),
    path("family/agreements/<uuid:agreement_id>/further/", supplement_views.choose, name="further"),
    path(
        "family/agreements/<uuid:agreement_id>/further/<uuid:activity_id>/",
        supplement_views.sign,
        name="further_sign",
    ),
    path("family/supplements/<uuid:supplement_id>/", supplement_views.one, name="supplement"),
    path(
        "family/supplements/<uuid:supplement_id>/withdraw/",
        supplement_views.withdraw,
        name="supplement_withdraw",
    ),
    path(
        "family/supplements/<uuid:supplement_id>/form.pdf", supplement_views.form_pdf, name="supplement_pdf"
    ),
    path("desk/applications/supplements/", supplement_desk_views.listing(DESK), name="desk_supplements"),
    path(
        "desk/applications/supplements/<uuid:supplement_id>/",
        supplement_desk_views.one(DESK),
        name="desk_supplement",
    ),
    path(
        "desk/applications/supplements/<uuid:supplement_id>/form.pdf",
        supplement_desk_views.form_pdf,
        name="desk_supplement_pdf",
    ),
    path(
        "committee/applications/supplements/",
        supplement_desk_views.listing(COMMITTEE),
        name="committee_supplements",
    ),
    path(
        "committee/applications/supplements/<uuid:supplement_id>/",
        supplement_desk_views.one(COMMITTEE),
        name="committee_supplement",
    ),
    path("desk/applications/", desk_views.listing(DESK), name="desk"),
    path("desk/applications/bulk/", desk_views.bulk(DESK), name="desk_bulk"),
    path("desk/applications/waiting/", desk_views.waiting, name="waiting"),
    path("desk/applications/<uuid:application_id>/", desk_views.one(DESK), name="desk_application"),
    path("desk/applications/<uuid:application_id>/form.pdf", desk_views.form_pdf, name="desk_form_pdf"),
    path(
        "desk/agreements/<uuid:agreement_id>/agreement.pdf",
        desk_views.agreement_pdf,
        name="desk_agreement_pdf",
    ),
    path("committee/applications/", desk_views.listing(COMMITTEE), name="committee"),
    path("committee/applications/bulk/", desk_views.bulk(COMMITTEE), name="committee_bulk"),
    path(
        "committee/applications/<uuid:application_id>/",
        desk_views.one(COMMITTEE),
        name="committee_application",
    ),
]
