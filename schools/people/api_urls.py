"""Addresses of the API of the people of a school, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.people import api, number_api, stranger_api, word_api, writing_api

ADULT = "pupils/<uuid:pupil_id>/adults/<uuid:tie_id>"
app_name = "api_people"
urlpatterns: list[URLPattern | URLResolver] = [
    path("pupils/", api.Pupils.as_view(), name="pupils"),
    path("pupils/<uuid:pupil_id>/", api.OnePupil.as_view(), name="pupil"),
    path("pupils/<uuid:pupil_id>/name/", writing_api.PupilName.as_view(), name="pupil_name"),
    path("pupils/<uuid:pupil_id>/history/", writing_api.History.as_view(), name="history"),
    path("pupils/<uuid:pupil_id>/adults/", writing_api.Adults.as_view(), name="adults"),
    path("pupils/<uuid:pupil_id>/denied/", stranger_api.Strangers.as_view(), name="strangers"),
    path(f"{ADULT}/name/", writing_api.AdultName.as_view(), name="adult_name"),
    path(f"{ADULT}/phone/", writing_api.AdultPhone.as_view(), name="adult_phone"),
    path(f"{ADULT}/rights/", writing_api.AdultRights.as_view(), name="rights"),
    path(f"{ADULT}/deny/", writing_api.Denial.as_view(), name="deny"),
    path(f"{ADULT}/end/", writing_api.Ending.as_view(), name="end"),
    path(f"{ADULT}/lift/", writing_api.Lifting.as_view(), name="lift"),
    path("adult-questions/<uuid:question_id>/", writing_api.OneQuestion.as_view(), name="question"),
    path("numbers/", number_api.Numbers.as_view(), name="numbers"),
    path("numbers/<uuid:claim_id>/", number_api.NumberAnswer.as_view(), name="number"),
    path("words/", word_api.Words.as_view(), name="words"),
    path("words/<uuid:question_id>/answer/", word_api.WordAnswer.as_view(), name="word_answer"),
    path("children/", api.Children.as_view(), name="children"),
    path("children/<uuid:pupil_id>/", api.OneChild.as_view(), name="child"),
]
