"""Writes of surveys: open, answer once, close. Answers are kept apart from identities (S42).

An answer leaves no audit entry and no mark: both carry the minute and stand in order, and would lead from the family
to the score. That the invitation was used is written on the invitation, by the day; how many answered is audited at
the close. Facts count closed surveys only, for the same reason, and answers are sealed at the close, all at once.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.audit.actions import record, seal
from afterbell.kernel import locks, states
from afterbell.kernel.dates import local_date
from afterbell.outbox.actions import mark
from schools.people import queries as people
from schools.staffing.models import Contract
from schools.voice import refusals, survey_queries
from schools.voice.models import Invitation, Rating, Survey
from schools.voice.states import SURVEY_MOVES, SurveyState

LEAST = timedelta(days=1)


def open_survey(
    *, contract: Contract, term_code: str, closes_at: datetime, by: User, now: datetime
) -> Survey:
    """Invite one adult of every family whose child this person had in the term: the one who signed the agreement."""
    if not by.has(Permission.SURVEYS_MANAGE):
        raise refusals.NotYourRight
    if closes_at < now + LEAST:
        raise refusals.TooShort
    guardians = survey_queries.families_of(contract, term_code)
    if not guardians:
        raise refusals.NobodyToAsk
    with transaction.atomic():
        survey = Survey(
            term_code=term_code, contract=contract, opened_at=now, closes_at=closes_at, invited=len(guardians)
        )
        _save_once(survey)
        Invitation.objects.bulk_create(
            [Invitation(survey=survey, guardian_id=guardian) for guardian in guardians]
        )
        mark(now=now, terms=[term_code])
        details = {"contract": contract.pk, "invited": survey.invited, "term": term_code}
        record(verb="voice.survey.open", target=survey, by=by, at=now, details=details)
    return survey


def answer_survey(*, invitation: Invitation, score: int, comment: str, by: User, now: datetime) -> None:
    """Use the invitation and leave a rating that knows nothing of it; both or none."""
    if people.guardian_of(by) != invitation.guardian or not by.has(Permission.SURVEYS_ANSWER):
        raise refusals.OnlyTheInvited  # whose it is never changes
    if score not in range(1, 6):
        raise refusals.UnknownScore
    with transaction.atomic():
        survey = locks.locked_rows(Survey, [invitation.survey_id]).get()
        if survey.state != SurveyState.OPEN or now >= survey.closes_at:
            raise refusals.SurveyOver
        unused = Invitation.objects.filter(pk=invitation.pk, used_date=None)
        if not unused.update(used_date=local_date(now)):
            raise refusals.AlreadyAnswered
        Rating(survey=survey, score=score, comment=comment.strip()[:500]).save(force_insert=True)


def close_survey(*, survey: Survey, by: User | None, now: datetime) -> None:
    """After the deadline, or when everybody has answered; `by` is None for the timetable."""
    if by is not None and not by.has(Permission.SURVEYS_MANAGE):
        raise refusals.NotYourRight
    with transaction.atomic():
        row = locks.locked(survey)
        if now < row.closes_at and row.invitations.filter(used_date=None).exists():
            raise refusals.SurveyRuns(at=f"{timezone.localtime(row.closes_at):%Y-%m-%d %H:%M}")
        _close(row, by=by, now=now)


def close_due(*, now: datetime) -> int:
    """Every night: surveys whose deadline has passed."""
    with transaction.atomic():
        due = list(locks.lockable(Survey.objects.filter(state=SurveyState.OPEN, closes_at__lte=now)))
        for row in due:
            _close(row, by=None, now=now)
    return len(due)


def _close(row: Survey, *, by: User | None, now: datetime) -> None:
    states.move(row, to=SurveyState.CLOSED, moves=SURVEY_MOVES, at=now, also={"closed_at": now})
    mark(now=now, terms=[row.term_code])
    seal([*row.invitations.only("pk"), *row.ratings.only("pk")])
    details = {"invited": row.invited, "answers": row.ratings.count()}
    record(verb="voice.survey.close", target=row, by=by, at=now, details=details)


def _save_once(survey: Survey) -> None:
    try:
        with transaction.atomic():
            survey.save(force_insert=True)
    except IntegrityError as error:
        if not Survey.objects.filter(term_code=survey.term_code, contract=survey.contract).exists():
            raise
        raise refusals.SurveyExists from error
