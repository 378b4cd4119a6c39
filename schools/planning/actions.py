"""A plan's way through the gates (S38): vote, review and filing, the bureau's answer, publication; each in its turn."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.outbox.actions import mark
from schools.committee import actions as committee_actions
from schools.committee import queries as committee
from schools.committee.models import Resolution, Subject
from schools.committee.states import ResolutionState
from schools.notices import actions as notices
from schools.notices.models import NoticeKind
from schools.planning import consultation_queries, doubts, drafting, fees, queries, rules, wording, writers
from schools.planning.consultation_actions import refuse_ended_term
from schools.planning.models import Plan
from schools.planning.states import PLAN_MOVES, PlanState
from tenants.exchange import actions as exchange
from tenants.exchange.models import Envelope, EnvelopeKind
from tenants.models import School

LEAST_REASON: Final = 4
MOST_REASON: Final = 200


class NothingPlanned(Refused):
    """The committee votes on activities and costs, not on a title."""

    code = "plan.nothing_planned"
    message = _("方案还没有%(what)s，不能交家委会表决。")


class NoCommittee(Refused):
    """Who should vote?"""

    code = "plan.no_committee"
    message = _("还没有登记家长委员会，不能表决。请先登记委员。")


class NotResolved(Refused):
    """Second gate: the committee has passed this plan."""

    code = "plan.not_resolved"
    message = _("家长委员会还没有通过这份方案，不能报备。")


class NotAccepted(Refused):
    """Third gate: the bureau has accepted the filing."""

    code = "plan.not_accepted"
    message = _("教育局还没有受理这份方案的报备，不能公示和收费。")


class NoReason(Refused):
    """Who drafts it and who voted on it learn what is to be changed."""

    code = "plan.no_reason"
    message = _("请写明退回的理由，至少 %(least)s 个字：起草的人和家长委员会都会看到。")
    status = 400


class NotOverYet(Refused):
    """A plan ends after its last day."""

    code = "plan.not_over_yet"
    message = _("方案到 %(date)s 才结束。")


def put_to_vote(*, plan: Plan, school: School, by: User, now: datetime) -> Resolution:
    """The plan is whole and within the policy: the school's committee gets its text. Until the count it stands still."""
    refuse_ended_term(plan.term_code, now)
    with transaction.atomic():
        voters = committee.school_committee()
        if voters is not None:
            locks.locked(voters)  # before the plan: the order of the house
        row = drafting.locked_draft(plan, now=now)
        activities = queries.activities(row)
        if not activities:
            raise NothingPlanned(what=_("活动"))
        if not queries.cost_lines(row):
            raise NothingPlanned(what=_("成本明细"))
        policy = drafting.policy_of(row, school)
        rules.check_week(policy, school, queries.spans(activities))
        drafting.check_fees(row, fees.standards(row, school.stage), policy, school)
        doubts.refuse_unsettled(doubts.asked(row, policy=policy, school=school))
        if voters is None:
            raise NoCommittee
        resolution = committee_actions.open_resolution(
            committee=voters,
            subject=Subject.PLAN,
            title=row.name,
            text=wording.resolution_text(row, school),
            object_id=row.pk,
            by=by,
            now=now,
        )
        record(verb="plan.put_to_vote", target=row, by=by, at=now, details={"resolution": resolution.pk})
    return resolution


def ask_about_words(*, plan: Plan, school: School, by: User, now: datetime) -> int:
    """Ask who else than its writer looks at what came to be doubtful after it was written (a pupil of that name, another
    rule); how many were asked."""
    with transaction.atomic():
        row = locks.locked(plan, also=("consultation",))
        found = doubts.asked(row, policy=drafting.policy_of(row, school), school=school)
        new = [each.doubt for each in found if each.question is None]
        writers.ask(new, writers.of_plan(row, queries.activities(row)), by=by, now=now)
    return len(new)


def resolution_closed(*, resolution: Resolution, by: User, now: datetime) -> None:
    """The committee has counted (answers.py): a passed plan goes on, a rejected one can be changed."""
    if resolution.state != ResolutionState.PASSED:
        return
    row = locks.locked_rows(Plan, [resolution.object_id]).get()
    also = {"resolution_id": resolution.pk, "return_reason": ""}
    states.move(row, to=PlanState.RESOLVED, moves=PLAN_MOVES, at=now, also=also)
    record(verb="plan.resolved", target=row, by=by, at=now, details={"resolution": resolution.pk})


def send_back(*, plan: Plan, reason: str, by: User, now: datetime) -> None:
    """The school's review (S45) finds something: to be changed and voted on again.

    The reason stands on the plan until it is voted on again, and the committee's members are told it. Raises
    NoReason.
    """
    said = reason.strip()[:MOST_REASON]
    if len(said) < LEAST_REASON:
        raise NoReason(least=LEAST_REASON)
    with transaction.atomic():
        row = locks.locked(plan)
        also = {"resolution_id": None, "return_reason": said}
        states.move(row, to=PlanState.DRAFT, moves=PLAN_MOVES, at=now, also=also)
        seats = committee.seated(local_date(now), committee.school_committee()).order_by("pk")
        members = [seat.guardian for seat in seats]
        if members:
            notices.publish(
                kind=NoticeKind.LETTER,
                title="学校退回了方案，要修改后重新表决",
                body=f"“{row.name}”经学校审核后退回修改。理由：{said}",
                to=members,
                by=by,
                now=now,
            )
        record(
            verb="plan.send_back",
            target=row,
            by=by,
            at=now,
            details={"sha256": committee_actions.digest(said)},
        )
    locks.follow(plan, row)


def take_up_again(*, plan: Plan, by: User, now: datetime) -> None:
    """What the bureau returned is changed and voted on again; its reason stays in sight."""
    with transaction.atomic():
        row = locks.locked(plan)
        states.move(row, to=PlanState.DRAFT, moves=PLAN_MOVES, at=now, also={"resolution_id": None})
        record(verb="plan.take_up_again", target=row, by=by, at=now)
    locks.follow(plan, row)


def file_plan(*, plan: Plan, school: School, by: User, now: datetime) -> Envelope:
    """The school has reviewed the plan (S45) and files it at the bureau (S10). Raises NotResolved."""
    refuse_ended_term(plan.term_code, now)
    with transaction.atomic():
        row = locks.locked(plan, also=("consultation",))
        resolution = _resolution_of(row)
        policy = drafting.policy_of(row, school)
        doubts.refuse_refused(doubts.asked(row, policy=policy, school=school))
        days = policy.deadlines.filing_answer_days
        envelope = exchange.send(
            kind=EnvelopeKind.PLAN_FILING,
            subject=f"{row.name}（{row.term_code}）",
            payload=wording.filing_payload(row, school, resolution, now),
            due_at=now + timedelta(days=days),
            by=by,
            now=now,
        )
        states.move(row, to=PlanState.FILED, moves=PLAN_MOVES, at=now, also={"filing_id": envelope.pk})
        record(verb="plan.review_and_file", target=row, by=by, at=now, details={"filing": envelope.pk})
    return envelope


def filing_answered(*, envelope: Envelope, now: datetime) -> None:
    """The relay brings the bureau's answer (answers.py), in its transaction."""
    row = locks.lockable(Plan.objects.filter(filing_id=envelope.pk)).get()
    to = PlanState.ACCEPTED if envelope.answer == "accepted" else PlanState.RETURNED
    states.move(row, to=to, moves=PLAN_MOVES, at=now)
    mark(now=now, terms=[row.term_code])
    record(verb=f"plan.{to.value}", target=row, by=None, at=now, details={"filing": envelope.pk})


def publish_plan(*, plan: Plan, school: School, by: User, now: datetime) -> None:
    """收费公示 to every parent and in the open; from now on families can apply. Raises NotAccepted."""
    refuse_ended_term(plan.term_code, now)
    with transaction.atomic():
        row = locks.locked(plan)
        if row.state in {PlanState.DRAFT, PlanState.RESOLVED, PlanState.FILED, PlanState.RETURNED}:
            raise NotAccepted
        notice = notices.publish(
            kind=NoticeKind.FEE,
            title=f"{row.name}收费公示",
            body=wording.fee_notice(row, school),
            to=consultation_queries.signers_of(consultation_queries.asked_pupils()),
            is_open=True,
            by=by,
            now=now,
        )
        also = {"fee_notice_id": notice.pk, "published_at": now}
        states.move(row, to=PlanState.PUBLISHED, moves=PLAN_MOVES, at=now, also=also)
        mark(now=now, terms=[row.term_code])
        record(verb="plan.publish", target=row, by=by, at=now, details={"notice": notice.pk})


def end_plan(*, plan: Plan, by: User, now: datetime) -> None:
    """After its last day."""
    with transaction.atomic():
        row = locks.locked(plan)
        if local_date(now) <= row.last_date:
            raise NotOverYet(date=row.last_date)
        states.move(row, to=PlanState.ENDED, moves=PLAN_MOVES, at=now)
        mark(now=now, terms=[row.term_code])
        record(verb="plan.end", target=row, by=by, at=now)
    locks.follow(plan, row)


def end_plan_early(*, plan: Plan, reason: str, by: User, now: datetime) -> None:
    """The service ends today, before the plan's last day; decided in finance, in the same transaction."""
    with transaction.atomic():
        row = locks.locked(plan)
        also = {"ended_date": local_date(now), "end_reason": reason}
        states.move(row, to=PlanState.ENDED, moves=PLAN_MOVES, at=now, also=also)
        mark(now=now, terms=[row.term_code])
        record(verb="plan.end_early", target=row, by=by, at=now, details={"last": local_date(now)})


def _resolution_of(plan: Plan) -> Resolution:
    """The one that carried this plan. From the vote until it is a draft again the plan stands still, so it fits."""
    resolution = committee.passed_resolution(Subject.PLAN, plan.pk)
    if plan.state == PlanState.DRAFT or resolution is None or resolution.pk != plan.resolution_id:
        raise NotResolved
    return resolution
