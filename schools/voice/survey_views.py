"""Pages of surveys: open and close them, results for renewal, and the family's one answer."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from schools.people.doors import or_404
from schools.planning import queries as planning
from schools.voice import survey_actions, survey_queries
from schools.voice.forms import RatingForm, SurveyForm
from schools.voice.states import SurveyState
from schools.voice.tables import SurveyTable
from tenants.middleware import SchoolRequest


class VoiceRequest(UserRequest, SchoolRequest):
    """Somebody who has logged in at a school."""


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; a form without any answer was sent, too."""
    return request.POST if request.method == "POST" else None


@require_GET
@requires(Permission.SURVEYS_READ)
def surveys(request: VoiceRequest) -> HttpResponse:
    """All surveys, newest first."""
    context = {
        "table": shown(SurveyTable(survey_queries.surveys()), request),
        "may_open": request.user.has(Permission.SURVEYS_MANAGE),
    }
    return render(request, "voice/surveys.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SURVEYS_MANAGE)
def new_survey(request: VoiceRequest) -> HttpResponse:
    """Whom, until when."""
    now = timezone.now()
    term = planning.term_of_today(local_date(now))
    contracts = survey_queries.contracts_to_survey(term.code) if term else []
    initial = {"closes_date": local_date(now) + timedelta(days=14)}
    form = SurveyForm(sent(request), contracts=contracts, initial=initial)
    if request.method == "POST" and term and form.is_valid():
        contract = next(row for row in contracts if row.pk == form.contract_id)
        try:
            made = survey_actions.open_survey(
                contract=contract, term_code=term.code, closes_at=form.closes_at, by=request.user, now=now
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已发出 %(n)s 份邀请。") % {"n": made.invited})
            return redirect("voice:survey", made.pk)
    context = {"form": form, "contracts": contracts, "term": term}
    return render(request, "voice/survey_new.html", context, status=400 if form.errors else 200)


@require_GET
@requires(Permission.SURVEYS_READ)
def survey(request: VoiceRequest, survey_id: UUID) -> HttpResponse:
    """How many answered; after the close, what they said together."""
    found = or_404(survey_queries.survey, survey_id)
    context = {
        "survey": found,
        "results": survey_queries.results(found),
        "comments": survey_queries.comments(found),
        "may_close": request.user.has(Permission.SURVEYS_MANAGE) and found.state == SurveyState.OPEN,
    }
    return render(request, "voice/survey.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SURVEYS_MANAGE)
def close_survey(request: VoiceRequest, survey_id: UUID) -> HttpResponse:
    """Asks first."""
    found = or_404(survey_queries.survey, survey_id)
    if request.method == "POST":
        survey_actions.close_survey(survey=found, by=request.user, now=timezone.now())
        messages.success(request, _("评价已结束。"))
        return redirect("voice:survey", found.pk)
    return render(request, "voice/survey_close.html", {"survey": found})


@require_GET
@requires(Permission.SURVEYS_READ)
def renewals(request: VoiceRequest) -> HttpResponse:
    """S42: every running contract with n, response rate and score."""
    rows = survey_queries.for_renewal()
    return render(request, "voice/renewals.html", {"rows": rows})


@require_GET
@requires(Permission.SURVEYS_ANSWER)
def invitations(request: VoiceRequest) -> HttpResponse:
    """What this guardian is asked."""
    found = survey_queries.invitations_of(request.user, timezone.now()).order_by("survey__closes_at", "pk")
    return render(request, "voice/invitations.html", {"invitations": found})


@require_http_methods(["GET", "POST"])
@requires(Permission.SURVEYS_ANSWER)
def answer(request: VoiceRequest, invitation_id: UUID) -> HttpResponse:
    """Once."""
    found = or_404(survey_queries.invitation_for, request.user, invitation_id)
    form = RatingForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            survey_actions.answer_survey(
                invitation=found, **form.cleaned_data, by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("谢谢您的评价。"))
            return redirect("voice:invitations")
    context = {
        "invitation": found,
        "form": form,
        "is_used": found.used_date is not None,
        "is_over": found.survey.state != SurveyState.OPEN or found.survey.closes_at <= timezone.now(),
    }
    return render(request, "voice/answer.html", context, status=400 if form.errors else 200)
