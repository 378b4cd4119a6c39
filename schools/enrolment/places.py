"""Places in activities: taken by compare-and-set, all of a turn or none; given back, the queue moves up at once.

Whatever moves a place holds the plan's row (holding): one order for all, so that nobody waits in a circle, and the
queue that is read is the queue that is served. The compare-and-set on `taken` and the check in the database hold even
without that lock.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import states
from afterbell.kernel.dates import ONE_DAY, local_date
from afterbell.kernel.numbers import number_for
from afterbell.kernel.strings import dotted
from afterbell.outbox.actions import mark
from schools.enrolment import holders, refusals, signers
from schools.enrolment.models import (
    Agreement,
    Application,
    ChosenActivity,
    Placing,
    Review,
    Side,
    Supplement,
)
from schools.enrolment.rules import Waiter, who_moves_up
from schools.enrolment.states import (
    APPLICATION_MOVES,
    SUPPLEMENT_IN_LINE,
    SUPPLEMENT_MOVES,
    ApplicationState,
    SupplementState,
)
from schools.planning.models import Activity, Plan
from schools.planning.states import PlanState

PREFIX = "X"
IN_LINE = [ApplicationState.SUBMITTED, ApplicationState.WAITING]

Entrant = Application | Supplement
"""Whoever stands in the line: a child that is new, or one that asks for a further activity."""


class _Full(Exception):
    """One of the activities has no place left: undo the others."""


def line(plan: Plan) -> list[Entrant]:
    """Who has applied and has no no, and no place in something that it asks for, in the order of applying, which
    nothing changes. Supplements stand among the applications by their own time. Two queries.

    Children who have left are passed over, and what is signed by somebody who may sign no longer.
    """
    waits = ChosenActivity.objects.filter(
        application=OuterRef("pk"), supplement=None, placed_from=None, ended_at=None
    )
    forms = Application.objects.filter(
        Q(signers.still_sign(), state__in=IN_LINE) | Q(Exists(waits), state=ApplicationState.APPROVED),
        plan=plan,
        pupil__left_date__isnull=True,
    )
    further = Supplement.objects.filter(
        signers.still_sign("application__pupil"),
        state__in=SUPPLEMENT_IN_LINE,
        application__plan=plan,
        application__state=ApplicationState.APPROVED,
        application__pupil__left_date__isnull=True,
    )
    found: list[Entrant] = [
        *forms.select_related("pupil", "agreement"),
        *further.select_related("application__pupil", "application__agreement"),
    ]
    return sorted(found, key=lambda row: (row.submitted_at, row.pk))


def settle(entrant: Entrant, *, plan: Plan, by: User, now: datetime) -> None:
    """Both sides have approved: an agreement or a further place when its turn has come, waiting by its time when not.

    In everything; where the family takes each activity for itself in some of them, and the others wait.
    """
    now = plan.next_moment(now)
    standing = {row.pk: row for row in line(plan)}
    turns = who_moves_up(_waiters(standing, but=entrant), _free(plan)).get(entrant.pk)
    if turns:
        _serve(entrant, turns, plan=plan, from_date=_first_day(plan, turns, now), by=by, now=now)
        return
    also = {"waiting_since": now}
    if isinstance(entrant, Supplement):
        states.move(entrant, to=SupplementState.WAITING, moves=SUPPLEMENT_MOVES, at=now, also=also)
        record(verb="enrolment.supplement.wait", target=entrant, by=by, at=now)
    else:
        states.move(entrant, to=ApplicationState.WAITING, moves=APPLICATION_MOVES, at=now, also=also)
        record(verb="enrolment.application.wait", target=entrant, by=by, at=now)


def _first_day(plan: Plan, turns: Collection[UUID], now: datetime) -> date:
    """Today, or tomorrow where a lesson of theirs has begun by now: the child can't come to it, and pays for none.

    Raises Closed on the plan's last day, once no lesson of theirs is to come.
    """
    today, hour = local_date(now), timezone.localtime(now).time()
    begun: list[bool] = dotted(settings.LESSONS_BEGUN)(turns, now=now)
    if not begun:  # none was made for the day
        todays = Activity.objects.filter(pk__in=turns, weekday=today.isoweekday())
        begun = [starts <= hour for starts in todays.values_list("starts", flat=True)]
    if today >= plan.last_date and all(begun):
        raise refusals.Closed(date=plan.last_date)
    return max(plan.first_date, today + ONE_DAY if any(begun) else today)


def take(entrant: Entrant, turns: Collection[UUID], *, from_date: date, now: datetime) -> bool:
    """A place in each of these activities, or in none. `from_date` is the first day on which the child is expected."""
    wanted = _own(entrant).filter(activity__in=turns, placed_from=None, ended_at=None)
    try:
        with transaction.atomic():
            for activity in sorted(turns):  # one after the other, in one order for all
                free = Activity.objects.filter(pk=activity, taken__lt=F("capacity"))
                if not free.update(taken=F("taken") + 1):
                    raise _Full
            if wanted.update(holds_place=True, placed_from=from_date, placed_at=now) != len(turns):
                raise RuntimeError("a place was taken that nobody waits for")
    except _Full:
        return False
    return True


def give_back(application: Application, *, by: User | None, now: datetime) -> None:
    """What it holds goes to the next, and so do its supplements' places; it waits for nothing more. What it had stays on
    record."""
    further = application.supplements.filter(state__in=[*SUPPLEMENT_IN_LINE, SupplementState.PLACED])
    for row in further.order_by("submitted_at", "pk"):
        states.move(row, to=SupplementState.ENDED, moves=SUPPLEMENT_MOVES, at=now)
        record(
            verb="enrolment.supplement.end", target=row, by=by, at=now, details={"number": row.number.lower()}
        )
    held = sorted(application.choices.filter(holds_place=True).values_list("activity", flat=True))
    application.choices.filter(ended_at=None).update(holds_place=False, ended_at=now)
    for activity in held:  # one after the other, in the order in which they are taken
        Activity.objects.filter(pk=activity).update(taken=F("taken") - 1)


def move_up(plan: Plan, *, by: User | None, now: datetime) -> list[Entrant]:
    """After places were given back or somebody left the line: whose turn has come gets an agreement, or a further place
    under the one that it has, from tomorrow.

    From tomorrow, because the child who leaves is looked after until tonight.
    """
    from_date = max(plan.first_date, local_date(now) + ONE_DAY)
    if plan.state != PlanState.PUBLISHED or from_date > plan.last_date:
        return []
    standing = {row.pk: row for row in line(plan)}
    if all(row.state == ApplicationState.SUBMITTED for row in standing.values()):  # of both, by the same word
        return []
    moved, now = [], plan.next_moment(now)
    for pk, turns in who_moves_up(_waiters(standing), _free(plan)).items():
        _serve(standing[pk], turns, plan=plan, from_date=from_date, by=by, now=now)
        moved.append(standing[pk])
    return moved


def conclude(
    application: Application,
    *,
    plan: Plan,
    turns: Collection[UUID],
    from_date: date,
    by: User | None,
    now: datetime,
) -> Agreement:
    """托管协议: the very text that the guardian signed, and the signature of the school's reviewer (S15).

    The text names what the family wants; in which of it there is a place so far, `turns`, is on record beside it.
    """
    school = Review.objects.get(application=application, supplement=None, side=Side.SCHOOL)
    agreement = Agreement(
        application=application,
        pupil_id=application.pupil_id,
        plan=plan,
        text=application.agreement_text,
        text_sha256=digest(application.agreement_text),
        guardian_signed_at=application.submitted_at,
        school_signed_at=school.at,
        school_signed_by_id=school.by_id,
        from_date=from_date,
        until_date=plan.last_date,
        goes_home_alone=application.goes_home_alone,
    )
    agreement.number = number_for(PREFIX, local_date(now), agreement.pk)
    states.move(
        application, to=ApplicationState.APPROVED, moves=APPLICATION_MOVES, at=now, also={"decided_at": now}
    )
    agreement.save(force_insert=True)
    marks(plan, now)
    details = {
        "number": agreement.number.lower(),
        "sha256": agreement.text_sha256,
        "from": from_date,
        "activities": sorted(turns),
    }
    record(verb="enrolment.agreement.conclude", target=agreement, by=by, at=now, details=details)
    return agreement


def marks(plan: Plan, now: datetime) -> None:
    """Participation of the day, the month and the plan's term has changed."""
    today = local_date(now)
    mark(now=now, days=[today], months=[f"{today:%Y-%m}"], terms=[plan.term_code])


def digest(text: str) -> str:
    """SHA-256 over the text as UTF-8: what was signed stays provable."""
    return sha256(text.encode()).hexdigest()


def _serve(
    entrant: Entrant, turns: Collection[UUID], *, plan: Plan, from_date: date, by: User | None, now: datetime
) -> None:
    """Its turn has come: the places, and what follows from them."""
    if isinstance(entrant, Supplement):
        from_date = max(from_date, entrant.application.agreement.from_date)
    if not take(entrant, turns, from_date=from_date, now=now):
        raise RuntimeError("a place was taken without the plan's lock")
    if isinstance(entrant, Supplement):
        also = {"decided_at": now}
        states.move(entrant, to=SupplementState.PLACED, moves=SUPPLEMENT_MOVES, at=now, also=also)
        marks(plan, now)
        details = {"number": entrant.number.lower(), "from": from_date, "activities": sorted(turns)}
        record(verb="enrolment.supplement.place", target=entrant, by=by, at=now, details=details)
    elif entrant.state in IN_LINE:
        conclude(entrant, plan=plan, turns=turns, from_date=from_date, by=by, now=now)
    else:
        _note_further(entrant, turns, plan=plan, from_date=from_date, by=by, now=now)


def _own(entrant: Entrant) -> QuerySet[ChosenActivity]:
    """What it asks for itself."""
    found: QuerySet[ChosenActivity] = (
        ChosenActivity.objects.filter(supplement=entrant)
        if isinstance(entrant, Supplement)
        else ChosenActivity.objects.filter(application=entrant, supplement=None)
    )
    return found


def _note_further(
    application: Application,
    turns: Collection[UUID],
    *,
    plan: Plan,
    from_date: date,
    by: User | None,
    now: datetime,
) -> None:
    """A further place under an agreement that runs: its text is as it was signed, its dates too."""
    marks(plan, now)
    details = {"from": from_date, "activities": sorted(turns)}
    record(verb="enrolment.agreement.place", target=application.agreement, by=by, at=now, details=details)


def _waiters(standing: Mapping[UUID, Entrant], *, but: Entrant | None = None) -> list[Waiter]:
    """In the order of the line. `but` has just been approved by the second side."""
    wants: dict[UUID, set[UUID]] = {pk: set() for pk in standing}
    own = {row.application_id if isinstance(row, Supplement) else row.pk for row in standing.values()}
    rows = ChosenActivity.objects.filter(holders.waiting(), application__in=own)
    for application, supplement, activity in rows.values_list(
        "application_id", "supplement_id", "activity_id"
    ):
        if (entrant := supplement or application) in wants:
            wants[entrant].add(activity)
    approved = {pk for pk, row in standing.items() if row.state != ApplicationState.SUBMITTED}
    approved |= {but.pk} if but else set()
    return [
        Waiter(pk, frozenset(found), pk in approved, getattr(standing[pk], "placing", "") == Placing.EACH)
        for pk, found in wants.items()
    ]


def _free(plan: Plan) -> Mapping[UUID, int]:
    return {
        pk: capacity - taken for pk, capacity, taken in plan.activities.values_list("pk", "capacity", "taken")
    }
