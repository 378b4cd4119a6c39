"""Addresses of the pages of staff."""

from django.urls import URLPattern, URLResolver, path

from schools.staffing import views

app_name = "staffing"
urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/staff/", views.people, name="people"),
    path("desk/staff/new/", views.propose, name="propose"),
    path("desk/staff/renewals/", views.renewals, name="renewals"),
    path("desk/staff/<uuid:candidate_id>/", views.person, name="person"),
    path("desk/staff/<uuid:candidate_id>/check/", views.check, name="check"),
    path("desk/staff/<uuid:candidate_id>/ask/", views.ask, name="ask"),
    path("desk/staff/<uuid:candidate_id>/approve/", views.approve, name="approve"),
    path("desk/staff/<uuid:candidate_id>/contract/", views.sign, name="sign"),
    path("desk/contracts/<uuid:contract_id>/dismiss/", views.dismiss, name="dismiss"),
    path("desk/contracts/<uuid:contract_id>/end/", views.end, name="end"),
    path("desk/contracts/<uuid:contract_id>/agreement.pdf", views.contract_pdf, name="contract_pdf"),
]
