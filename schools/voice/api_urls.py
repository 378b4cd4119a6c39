"""Addresses of the API of surveys and complaints, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.voice import api, letter_api

app_name = "api_voice"
urlpatterns: list[URLPattern | URLResolver] = [
    path("surveys/", api.Surveys.as_view(), name="surveys"),
    path("surveys/<uuid:survey_id>/", api.OneSurvey.as_view(), name="survey"),
    path("surveys/<uuid:survey_id>/closing/", api.SurveyClosing.as_view(), name="survey_closing"),
    path("family/invitations/", api.Invitations.as_view(), name="invitations"),
    path("family/invitations/<uuid:invitation_id>/ratings/", api.Ratings.as_view(), name="ratings"),
    path("family/complaints/", api.OwnComplaints.as_view(), name="own_complaints"),
    path("family/complaints/<uuid:complaint_id>/", api.OwnComplaint.as_view(), name="own_complaint"),
    path("family/complaints/<uuid:complaint_id>/closing/", api.Closing.as_view(), name="closing"),
    path("family/complaints/<uuid:complaint_id>/escalation/", api.Escalation.as_view(), name="escalation"),
    path("family/bureau-complaints/", letter_api.OwnLetters.as_view(), name="own_letters"),
    path("family/bureau-complaints/<uuid:complaint_id>/", letter_api.OwnLetter.as_view(), name="own_letter"),
    path(
        "family/bureau-complaints/<uuid:complaint_id>/additions/",
        letter_api.Additions.as_view(),
        name="letter_additions",
    ),
    path(
        "family/bureau-complaints/<uuid:complaint_id>/reopening/",
        letter_api.Reopening.as_view(),
        name="letter_reopening",
    ),
    path(
        "family/bureau-complaints/<uuid:complaint_id>/closing/",
        letter_api.LetterClosing.as_view(),
        name="letter_closing",
    ),
    path("complaints/", api.Complaints.as_view(), name="complaints"),
    path("complaints/<uuid:complaint_id>/", api.OneComplaint.as_view(), name="complaint"),
    path("complaints/<uuid:complaint_id>/answers/", api.Answers.as_view(), name="answers"),
]
