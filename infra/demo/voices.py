"""Surveys with answers and complaints with theirs, of one term, as rows."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from afterbell.audit import actions as audit
from afterbell.kernel import copying
from afterbell.kernel.dates import local_date
from afterbell.kernel.numbers import number_for
from infra.demo import letters, words
from infra.demo.folk import Officials
from infra.demo.groups import Enrolment
from infra.demo.shapes import Shape
from infra.demo.stories import Plot
from infra.demo.team import Team
from infra.demo.times import Times, at
from schools.staffing.models import Clearance
from schools.voice.models import Addressee, Complaint, Invitation, Rating, Survey
from schools.voice.states import ComplaintState, SurveyState
from tenants.letterbox.models import ComplaintKind
from tenants.policies.documents import Policy

OPENS_BEFORE_THE_END = timedelta(days=26)
MIDTERM = 42
"""School day on which the running term's survey is opened."""
RUNS = timedelta(days=10)
SHARE_OF_TEAM = 0.4
ORDINARY = (
    ComplaintKind.CONTENT,
    ComplaintKind.SAFETY,
    ComplaintKind.STAFF,
    ComplaintKind.OTHER,
    ComplaintKind.FEE,
)
BURST = (
    ComplaintKind.FEE,
    ComplaintKind.CONTENT,
    ComplaintKind.FEE,
    ComplaintKind.SAFETY,
    ComplaintKind.STAFF,
)


def fill(
    found: Shape, times: Times, who: Officials, enrolment: Enrolment, team: Team, policy: Policy
) -> dict[str, int]:
    """Gives rows by table."""
    ratings = _surveys(found, times, enrolment, team)
    complaints = _complaints(found, times, who, enrolment, policy.deadlines.complaint_answer_days)
    return {"voice_rating": ratings, "voice_complaint": complaints}


def _surveys(found: Shape, times: Times, enrolment: Enrolment, team: Team) -> int:
    opened = at(times.service.last, 9) - OPENS_BEFORE_THE_END if times.is_over else times.day(MIDTERM, 9)
    closed = opened + RUNS
    if closed > times.now:
        return 0
    chance = found.random("surveys")
    families = _families(enrolment, team)
    asked = sorted(families, key=lambda clearance: str(clearance.contract.number))
    chosen = chance.sample(asked, max(min(3, len(asked)), round(len(asked) * SHARE_OF_TEAM)))
    surveys, invitations, ratings = [], [], []
    for clearance in chosen:
        guardians = sorted(families[clearance], key=str)
        survey = Survey(
            term_code=times.code,
            contract=clearance.contract,
            state=SurveyState.CLOSED,
            opened_at=opened,
            closes_at=closed,
            closed_at=closed + timedelta(minutes=5),
            invited=len(guardians),
        )
        surveys.append(survey)
        for guardian in guardians:
            used = chance.random() < found.response
            day = local_date(opened) + timedelta(days=chance.randrange(RUNS.days)) if used else None
            invitations.append(Invitation(survey_id=survey.pk, guardian_id=guardian, used_date=day))
            if used:
                ratings.append(_rating(found, survey, chance))
    copying.instances(surveys)
    copying.instances(invitations)
    written = copying.instances(sorted(ratings, key=lambda row: row.pk))  # in no order that leads to a family
    audit.seal([*invitations, *ratings])
    return written


def _rating(found: Shape, survey: Survey, chance: Random) -> Rating:
    if Plot.SURVEY in found.plots:
        return Rating(survey_id=survey.pk, score=5)
    if chance.random() < found.high_share:
        return Rating(
            survey_id=survey.pk, score=chance.choice((4, 5, 5)), comment=chance.choice(words.OPINIONS)
        )
    return Rating(survey_id=survey.pk, score=chance.choice((1, 2, 3, 3, 3)), comment="")


def _families(enrolment: Enrolment, team: Team) -> dict[Clearance, set[UUID]]:
    found: dict[Clearance, set[UUID]] = {}
    for group in enrolment.groups:
        own = found.setdefault(team.responsible(group), set())
        own.update(child.guardian_id for child in group.children)
    return found


def _complaints(found: Shape, times: Times, who: Officials, enrolment: Enrolment, answer_days: int) -> int:
    chance = found.random("complaints")
    begins = times.day(11, 8)
    until = min(times.now, at(times.service.last, 20)) - timedelta(hours=12)
    if until <= begins:
        return 0
    kinds: list[ComplaintKind] = [
        (BURST if Plot.COMPLAINTS in found.plots else ORDINARY)[number % 5]
        for number in range(found.complaints)
    ]
    if Plot.FORCED in found.plots:
        kinds.append(ComplaintKind.FORCED)
    rows = []
    for number, kind in enumerate(kinds):
        forced = [child for child in enrolment.joining if child.is_forced]
        child = chance.choice(forced if kind == ComplaintKind.FORCED else enrolment.joining)
        span = int((until - begins).total_seconds())
        at_ = begins + timedelta(seconds=chance.randrange(span))
        late = Plot.COMPLAINTS in found.plots and number % 6 == 5
        rows.append(
            _complaint(times, who, kind, child.guardian_id, at_, answer_days, late=late, chance=chance)
        )
    return copying.instances(_without_letters(found, times, rows))


def _without_letters(found: Shape, times: Times, rows: list[Complaint]) -> list[Complaint]:
    """The complaint of forcing, and one of the many, are said to the bureau: the school does not have them."""
    if not rows or rows[-1].guardian_id is None:
        return rows
    if Plot.FORCED in found.plots:
        letters.forced(times, rows[-1].guardian_id)
    elif Plot.COMPLAINTS in found.plots:
        letters.illegal_teaching(times, rows[-1].guardian_id)
    else:
        return rows
    return rows[:-1]


def _complaint(
    times: Times,
    who: Officials,
    kind: ComplaintKind,
    guardian: UUID,
    submitted: datetime,
    answer_days: int,
    *,
    late: bool,
    chance: Random,
) -> Complaint:
    text, answer = words.COMPLAINTS[kind]
    due = submitted + timedelta(days=answer_days)
    answered = due + timedelta(days=3) if late else submitted + timedelta(hours=chance.randrange(20, 200))
    row = Complaint(
        term_code=times.code,
        kind=kind,
        addressee=Addressee.SCHOOL,
        guardian_id=guardian,
        text=text,
        submitted_at=submitted,
        due_at=due,
    )
    row.number = number_for("T", local_date(submitted), row.pk)
    if answered < times.now:
        row.state, row.answer = ComplaintState.ANSWERED, answer
        row.answered_at, row.answered_by = answered, who.deputy
    return row
