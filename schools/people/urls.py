"""Addresses of the pages of the people of a school."""

from django.urls import URLPattern, URLResolver, path

from schools.people import (
    correction_views,
    family_views,
    question_views,
    roster_views,
    stranger_views,
    views,
    word_views,
)

app_name = "people"
urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/classes/", views.classes, name="classes"),
    path("desk/pupils/", views.pupils, name="pupils"),
    path("desk/pupils/new/", views.new_pupil, name="new_pupil"),
    path("desk/pupils/<uuid:pupil_id>/", views.pupil, name="pupil"),
    path("desk/pupils/<uuid:pupil_id>/move/", views.move, name="move"),
    path("desk/pupils/<uuid:pupil_id>/name/", correction_views.pupil_name, name="correct_pupil"),
    path("desk/pupils/<uuid:pupil_id>/leave/", views.leave, name="leave"),
    path("desk/pupils/<uuid:pupil_id>/adults/new/", views.new_adult, name="new_adult"),
    path("desk/pupils/<uuid:pupil_id>/denied/new/", stranger_views.deny, name="deny_stranger"),
    path("desk/pupils/<uuid:pupil_id>/adults/<uuid:tie_id>/", views.rights, name="rights"),
    path("desk/pupils/<uuid:pupil_id>/adults/<uuid:tie_id>/deny/", views.deny, name="deny"),
    path("desk/pupils/<uuid:pupil_id>/adults/<uuid:tie_id>/lift/", views.lift, name="lift"),
    path("desk/pupils/<uuid:pupil_id>/adults/<uuid:tie_id>/end/", views.end, name="end"),
    path(
        "desk/pupils/<uuid:pupil_id>/adults/<uuid:tie_id>/name/",
        correction_views.adult_name,
        name="correct_name",
    ),
    path(
        "desk/pupils/<uuid:pupil_id>/adults/<uuid:tie_id>/phone/",
        correction_views.adult_phone,
        name="correct_phone",
    ),
    path("desk/roster/", roster_views.upload, name="roster"),
    path("desk/roster/imports/<uuid:import_id>/", roster_views.done, name="import"),
    path("desk/roster/imports/<uuid:import_id>/rest/", roster_views.rest, name="rest"),
    path("desk/roster/<str:reference>/", roster_views.preview, name="preview"),
    path("desk/roster/<str:reference>/answers/", roster_views.answers, name="answers"),
    path("desk/roster/<str:reference>/errors/", roster_views.errors, name="errors"),
    path("desk/roster/<str:reference>/apply/", roster_views.apply, name="apply"),
    path("desk/roster/<str:reference>/progress/", roster_views.progress, name="progress"),
    path("desk/words/", word_views.words, name="words"),
    path("desk/words/<uuid:question_id>/", word_views.word, name="word"),
    path("adults/questions/<uuid:question_id>/", question_views.question, name="question"),
    path("family/", family_views.home, name="family"),
    path("family/children/<uuid:pupil_id>/", family_views.child, name="child"),
    path("family/children/<uuid:pupil_id>/collectors/new/", family_views.new_collector, name="new_collector"),
    path(
        "family/children/<uuid:pupil_id>/collectors/<uuid:tie_id>/remove/",
        family_views.remove_collector,
        name="remove_collector",
    ),
]
