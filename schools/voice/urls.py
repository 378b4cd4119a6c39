"""Addresses of the pages of surveys and complaints."""

from django.urls import URLPattern, URLResolver, path

from schools.voice import complaint_views, letter_views, survey_views

app_name = "voice"
urlpatterns: list[URLPattern | URLResolver] = [
    path("voice/surveys/", survey_views.surveys, name="surveys"),
    path("voice/surveys/new/", survey_views.new_survey, name="new_survey"),
    path("voice/surveys/<uuid:survey_id>/", survey_views.survey, name="survey"),
    path("voice/surveys/<uuid:survey_id>/close/", survey_views.close_survey, name="close_survey"),
    path("voice/renewals/", survey_views.renewals, name="renewals"),
    path("voice/invitations/", survey_views.invitations, name="invitations"),
    path("voice/invitations/<uuid:invitation_id>/", survey_views.answer, name="answer"),
    path("family/complaints/", complaint_views.own, name="own_complaints"),
    path("family/complaints/new/", complaint_views.new, name="new_complaint"),
    path("family/complaints/<uuid:complaint_id>/", complaint_views.own_one, name="own_complaint"),
    path("family/complaints/<uuid:complaint_id>/close/", complaint_views.close, name="close_complaint"),
    path(
        "family/complaints/<uuid:complaint_id>/escalate/", complaint_views.escalate, name="escalate_complaint"
    ),
    path("family/complaints/bureau/<uuid:complaint_id>/", letter_views.own_one, name="own_letter"),
    path("family/complaints/bureau/<uuid:complaint_id>/add/", letter_views.add, name="add_to_letter"),
    path("family/complaints/bureau/<uuid:complaint_id>/again/", letter_views.again, name="reopen_letter"),
    path("family/complaints/bureau/<uuid:complaint_id>/close/", letter_views.close, name="close_letter"),
    path("desk/complaints/", complaint_views.complaints, name="complaints"),
    path("desk/complaints/<uuid:complaint_id>/", complaint_views.one, name="complaint"),
]
