"""Writes of enrolment: a guardian applies, two sides review, a guardian withdraws or leaves. Staff begin nothing (S1)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from afterbell.kernel.dates import local_date
from afterbell.kernel.numbers import number_for
from afterbell.kernel.strings import dotted
from schools.enrolment import holders, holding, places, refusals, reviewing, rules, signers, wording
from schools.enrolment.models import LIVE, Agreement, Application, ChosenActivity, Placing, Review, Side
from schools.enrolment.signing import Signature
from schools.enrolment.states import AGREEMENT_MOVES, APPLICATION_MOVES, AgreementState, ApplicationState
from schools.enrolment.wording import Wanted
from schools.people import queries as people
from schools.people.models import Guardian, Pupil
from schools.planning.models import Activity, Plan
from schools.planning.states import PlanState
from tenants.models import School

PREFIX = "A"
WAITS = [ApplicationState.SUBMITTED, ApplicationState.WAITING]
LEFT_SCHOOL = "学生离校"
EXIT = "家长书面退出"


def submit_application(
    *,
    school: School,
    plan: Plan,
    pupil: Pupil,
    activities: Sequence[Activity],
    goes_home_alone: bool,
    signature: Signature,
    read_sha256: str,
    device: str,
    placing: Placing = Placing.ALL,
    by: User,
    now: datetime,
) -> Application:
    """The gates of S38 in their order, then one application; sent twice it raises AlreadyApplied with the first.

    `read_sha256` is the hash of the text that the guardian saw: exactly that is signed, or TextChanged.
    """
    with transaction.atomic():
        child, offered = locks.locked(pupil), locks.locked(plan)
        guardian = signing_guardian(by, child, Permission.ENROLMENT_APPLY)
        check_gates(offered, child, now)
        check_activities(offered, child, activities)
        wanted = Wanted(school, offered, child, guardian, tuple(activities), goes_home_alone, placing)
        texts = wording.texts(wanted)
        if texts.sha256 != read_sha256:
            raise refusals.TextChanged
        application = Application(
            plan=offered,
            pupil=child,
            guardian=guardian,
            text=texts.form,
            text_sha256=texts.sha256,
            agreement_text=texts.agreement,
            placing=placing,
            goes_home_alone=goes_home_alone,
            signature_mode=signature.mode,
            signature=signature.value,
            device=device,
            submitted_at=now,
        )
        application.number = number_for(PREFIX, local_date(now), application.pk)
        _save_once(application)
        ChosenActivity.objects.bulk_create(
            [ChosenActivity(application=application, activity=activity) for activity in activities]
        )
        places.marks(offered, now)
        details = {
            "number": application.number.lower(),
            "sha256": application.text_sha256,
            "mode": signature.mode.value,
            "placing": placing.value,
            "activities": [activity.pk for activity in activities],
        }
        record(verb="enrolment.application.submit", target=application, by=by, at=now, details=details)
    return application


def signing_guardian(by: User, pupil: Pupil, permission: Permission) -> Guardian:
    """The adult behind the login, with the right to sign for this child. Raises OnlyGuardians."""
    guardian = people.guardian_of(by)
    if guardian is None or not by.has(permission) or not people.may_sign(guardian, pupil):
        raise refusals.OnlyGuardians
    return guardian


def check_gates(plan: Plan, pupil: Pupil, now: datetime) -> None:
    """Published plan, open term, child on the roll, no living application."""
    if plan.state == PlanState.ENDED or local_date(now) > plan.last_date:
        raise refusals.Closed(date=plan.last_date)
    if plan.state != PlanState.PUBLISHED:
        raise refusals.NoPlan
    if pupil.left_date is not None:
        raise refusals.NotOnRoll
    living = _living(plan, pupil)
    if living is not None:
        raise refusals.AlreadyApplied(application_id=living.pk, number=living.number)


def check_activities(plan: Plan, pupil: Pupil, activities: Sequence[Activity]) -> None:
    """Of this plan, for this grade, not at the same time."""
    if any(activity.plan_id != plan.pk for activity in activities) or len(
        {activity.pk for activity in activities}
    ) != len(activities):
        raise refusals.UnknownActivity
    rules.check_choice(activities, grade=pupil.school_class.grade)


def review(
    *, application: Application, side: Side, is_approval: bool, reason: str = "", by: User, now: datetime
) -> Application:
    """One side's word (S14). The school's approval is its signature under the agreement.

    A refusal ends the application, with a reason that the parent sees. When both have approved, there is an agreement,
    or a place in the queue. Nobody reviews for a child to whom he or she has or had a tie, and nobody approves what is
    signed by somebody who may sign for the child no longer.
    """
    with transaction.atomic():
        row = holding.application(application)
        reviewing.refuse_own_child([row], by)
        if is_approval:
            signers.refuse_gone([row])
        _review(row, side, is_approval=is_approval, reason=reason, by=by, now=now)
    return row


def approve_many(*, applications: Sequence[Application], side: Side, by: User, now: datetime) -> int:
    """Approve all or none, in the order in which they came in; a refusal names the application that stopped it."""
    with transaction.atomic():
        held = holding.hold(applications=applications).applications
        reviewing.refuse_own_child(held.values(), by)
        signers.refuse_gone(held.values())
        for row in sorted(held.values(), key=lambda row: (row.submitted_at, row.pk)):
            _review(row, side, is_approval=True, reason="", by=by, now=now)
    return len(applications)


def withdraw(*, application: Application, by: User, now: datetime) -> None:
    """The guardian takes the application back before there is an agreement; the queue moves up."""
    with transaction.atomic():
        row = holding.application(application)
        signing_guardian(by, row.pupil, Permission.ENROLMENT_WITHDRAW)
        if row.state == ApplicationState.APPROVED:
            raise refusals.HasAgreement
        if row.state not in LIVE:
            raise refusals.NotWithdrawable(state=ApplicationState(row.state).label)
        _take_back(row, by=by, now=now)


def stop_waiting(*, application: Application, by: User, now: datetime) -> None:
    """The guardian takes back what still waits under an agreement; what the child has stays. The queue moves up."""
    with transaction.atomic():
        row = holding.application(application)
        signing_guardian(by, row.pupil, Permission.ENROLMENT_WITHDRAW)
        waits = holders.waits_for(row.pk)
        given_up = sorted(waits.values_list("activity", flat=True))
        if row.state != ApplicationState.APPROVED or not given_up:
            raise refusals.NothingWaits
        waits.update(ended_at=now)
        moved = places.move_up(row.plan, by=by, now=now)
        places.marks(row.plan, now)
        details = {"activities": given_up, "moved_up": [other.pk for other in moved]}
        record(verb="enrolment.application.stop_waiting", target=row, by=by, at=now, details=details)


def exit_agreement(*, agreement: Agreement, reason: str, by: User, now: datetime) -> Agreement:
    """书面退出 by the guardian: today is the last day, or the day on which the child left the school before.

    Refunds are finance's, named in settings.AFTER_EXIT.
    """
    today = local_date(now)
    with transaction.atomic():
        row = holding.agreement(agreement)
        signing_guardian(by, row.pupil, Permission.ENROLMENT_WITHDRAW)
        if row.state != AgreementState.ACTIVE or today > row.until_date:
            raise refusals.AgreementOver(date=row.until_date)
        last = min(today, row.pupil.left_date or today)
        _end(row, reason.strip()[:200] or EXIT, last=last, by=by, now=now)
    return row


def end_leavers(*, now: datetime) -> int:
    """Every night: children who have left the school hold no places and wait for none.

    Their last day is the day on which they left, however late that was written down.
    """
    gone = {"pupil__left_date__lt": local_date(now)}
    running = Agreement.objects.filter(state=AgreementState.ACTIVE, until_date__gt=F("pupil__left_date"))
    waiting = Application.objects.filter(state__in=WAITS, **gone)
    with transaction.atomic():
        held = holding.hold(applications=waiting, agreements=running.filter(**gone))
        ended = [row for row in held.agreements.values() if row.state == AgreementState.ACTIVE]
        for row in ended:
            last = row.pupil.left_date
            if last is not None:  # not back again since
                _end(row, LEFT_SCHOOL, last=last, by=None, now=now)
        for form in held.applications.values():
            if form.state in WAITS and form.pupil.left_date is not None:
                _take_back(form, by=None, now=now)
    return len(ended)


def _save_once(application: Application) -> None:
    """The constraint decides between two taps on the button."""
    try:
        with transaction.atomic():
            application.save(force_insert=True)
    except IntegrityError as error:
        living = _living(application.plan, application.pupil)
        if living is None:
            raise
        raise refusals.AlreadyApplied(application_id=living.pk, number=living.number) from error


def _living(plan: Plan, pupil: Pupil) -> Application | None:
    found: Application | None = Application.objects.filter(plan=plan, pupil=pupil, state__in=LIVE).first()
    return found


def _review(row: Application, side: Side, *, is_approval: bool, reason: str, by: User, now: datetime) -> None:
    reviewing.refuse_review(row, side, by)
    if is_approval:
        reviewing.refuse_late(row.plan, row.pupil, now)
    said = reviewing.said(reason, is_approval=is_approval)
    given = Review(application=row, side=side, is_approval=is_approval, reason=said, by=by, at=now)
    given.save(force_insert=True)
    _draw_conclusion(row, is_approval=is_approval, by=by, now=now)
    places.marks(row.plan, now)
    details = {"side": side.value, "approval": is_approval, "state": row.state}
    record(verb="enrolment.application.review", target=row, by=by, at=now, details=details)


def _draw_conclusion(row: Application, *, is_approval: bool, by: User, now: datetime) -> None:
    if not is_approval:
        also = {"decided_at": now}
        states.move(row, to=ApplicationState.REFUSED, moves=APPLICATION_MOVES, at=now, also=also)
        places.move_up(row.plan, by=by, now=now)  # who stood behind it
    elif reviewing.is_agreed(row):
        places.settle(row, plan=row.plan, by=by, now=now)


def _end(row: Agreement, reason: str, *, last: date, by: User | None, now: datetime) -> None:
    """Ended after its last day; before its first day it never began, and keeps the dates that were agreed.

    The place goes to the next in the queue. An exit that waited for a charge run gives back of it, as one after it does.
    """
    now = row.plan.last_moment = row.plan.next_moment(now)
    Plan.objects.filter(pk=row.plan_id).update(last_moment=now)
    if last >= row.from_date:
        to, dates = AgreementState.ENDED, {"until_date": last}
    else:
        to, dates = AgreementState.VOID, {}
    also = {"ended_at": now, "end_reason": reason, **dates}
    states.move(row, to=to, moves=AGREEMENT_MOVES, at=now, also=also)
    _take_back(row.application, by=by, now=now)
    details = {"number": row.number.lower(), "last": last, "state": to.value}
    record(verb="enrolment.agreement.end", target=row, by=by, at=now, details=details)
    for name in getattr(settings, "AFTER_EXIT", ()):
        dotted(name)(agreement=row, by=by, now=now)


def _take_back(row: Application, *, by: User | None, now: datetime) -> None:
    """Out of the queue or out of its places; whoever is next moves up."""
    states.move(row, to=ApplicationState.WITHDRAWN, moves=APPLICATION_MOVES, at=now)
    places.give_back(row, by=by, now=now)
    moved = places.move_up(row.plan, by=by, now=now)
    places.marks(row.plan, now)
    details = {"moved_up": [other.pk for other in moved]}
    record(verb="enrolment.application.withdraw", target=row, by=by, at=now, details=details)
