"""Writes of an amendment: begun, drafted, voted, reviewed, filed, answered, in force; the plan stays until then (S10).

The gates are those of a plan (S38). What it changes is not what a family has signed: amending.py says what that leaves.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen
from afterbell.kernel.strings import dotted
from afterbell.outbox.actions import mark
from schools.committee import actions as committee_actions
from schools.committee import queries as committee
from schools.committee.models import Resolution, Subject
from schools.committee.states import ResolutionState
from schools.notices import actions as notices
from schools.notices.models import NoticeKind
from schools.people import named, word_actions
from schools.planning import (
    amending,
    amendment_wording,
    consultation_queries,
    doubts,
    drafting,
    queries,
    rules,
    writers,
)
from schools.planning.actions import LEAST_REASON, MOST_REASON, NoCommittee, NoReason, NothingPlanned
from schools.planning.amending import Content, Cost, Group
from schools.planning.amendment_queries import UNDER_WAY
from schools.planning.drafting import NewActivity
from schools.planning.models import Activity, Amendment, CostKind, CostLine, Plan
from schools.planning.states import AMENDMENT_MOVES, AmendmentState, PlanState
from tenants.exchange import actions as exchange
from tenants.exchange import payloads
from tenants.exchange.models import Envelope, EnvelopeKind
from tenants.models import School
from tenants.policies import queries as policies


class NotPublished(Refused):
    """A draft is changed as it is; what is over is not amended."""

    code = "amendment.not_published"
    message = _("只有已公示、还没有结束的方案可以变更。草拟中的方案请直接修改。")


class AlreadyAmended(Refused):
    """One change at a time, so that the difference is to what stands."""

    code = "amendment.already_there"
    message = _("这份方案已经有一个没有完成的变更，请先办完或放弃它。")


class NotADraft(Refused):
    """What was decided on is not edited."""

    code = "amendment.not_a_draft"
    message = _("变更当前是“%(state)s”，不能修改。")


class UnderVote(Refused):
    """The committee votes on the text that it was given."""

    code = "amendment.under_vote"
    message = _("家委会正在表决这个变更，表决结束前不能改动。")


class NoDifference(Refused):
    """The committee votes on something."""

    code = "amendment.no_difference"
    message = _("变更和现行方案没有差别，没有可以表决的内容。")


class FewerThanTaken(Refused):
    """Nobody loses a place by an amendment."""

    code = "amendment.fewer_than_taken"
    message = _("“%(title)s”（%(when)s）已有 %(taken)s 个孩子，名额不能少于这个数。")


class PlanMoved(Refused):
    """Voted on was the difference to another plan."""

    code = "amendment.plan_moved"
    message = _("方案在变更办理期间已经结束或改动，这个变更不能再生效，请放弃后重新办理。")


class NotDecided(Refused):
    """Gates in their order: vote, review and filing, the bureau's answer."""

    code = "amendment.not_decided"
    message = _("变更还没有经%(who)s同意，不能办理这一步。")


def begin_amendment(*, plan: Plan, reason: str, by: User, now: datetime) -> Amendment:
    """A draft of the next version, the same as the plan for now. `reason` is told to families. Raises NoReason."""
    said = _said(reason)
    with transaction.atomic():
        row = _running(locks.locked(plan), now)
        if row.amendments.filter(state__in=UNDER_WAY).exists():
            raise AlreadyAmended
        content = Content.of(row).kept()
        made = Amendment(
            plan=row, version=row.version + 1, reason=said, before=content, after=content, created_at=now
        )
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:
            raise AlreadyAmended from error
        word_actions.ask(doubts=named.doubts([said]), by=by, now=now)
        record(
            verb="amendment.begin",
            target=made,
            by=by,
            at=now,
            details={"plan": row.pk, "version": made.version},
        )
    return made


def change_numbers(
    *, amendment: Amendment, participants: int, places: Mapping[UUID, int], by: User, now: datetime
) -> None:
    """The expected number, and the places of activities by key; those that are not named stay."""
    with transaction.atomic():
        row, content = locked_draft(amendment)
        wanted = {str(key): n for key, n in places.items()}
        groups = tuple(replace(each, capacity=wanted.get(each.id, each.capacity)) for each in content.groups)
        after = replace(content, participants=participants, groups=groups)
        _refuse_numbers(row, after)
        _keep(row, after, "amendment.change", by, now)


def add_group(*, amendment: Amendment, new: NewActivity, school: School, by: User, now: datetime) -> None:
    """A further activity, by the rules of a plan's."""
    drafting.refuse_strange(new)
    with transaction.atomic():
        row, content = locked_draft(amendment)
        others = [each.row(row.plan) for each in content.groups]
        drafting.check_new(row.plan, new, others, school)
        policy = drafting.policy_of(row.plan, school)
        found = doubts.of_activity(new.span, new.title, plan=row.plan, policy=policy, school=school)
        word_actions.ask(doubts=found, by=by, now=now)
        key = uuid7()
        _keep(row, content.with_group(Group.of(key, new)), "amendment.add_activity", by, now, key=key)


def add_cost(
    *, amendment: Amendment, kind: CostKind, title: str, amount: Fen, school: School, by: User, now: datetime
) -> None:
    """A line of the planned cost more; what is paid from the fee is the policy's to say."""
    drafting.refuse_cost(kind, amount)
    with transaction.atomic():
        row, content = locked_draft(amendment)
        drafting.check_cost(row.plan, kind, len(content.costs), school)
        key = uuid7()
        line = Cost(str(key), str(CostKind(kind).value), title, amount)
        word_actions.ask(doubts=named.doubts([title]), by=by, now=now)
        _keep(row, replace(content, costs=(*content.costs, line)), "amendment.add_cost", by, now, key=key)


def take_out(*, amendment: Amendment, key: UUID, by: User, now: datetime) -> None:
    """A cost line, or an activity that is new in it: one that was published stays, families have signed for it."""
    with transaction.atomic():
        row, content = locked_draft(amendment)
        if str(key) in {each.id for each in Content.read(row.before).groups}:
            raise NotADraft(state=PlanState.PUBLISHED.label)
        left = content.without(str(key))
        if left != content:  # taken out before: nothing to write down
            _keep(row, left, "amendment.take_out", by, now)


def ask_about_words(*, amendment: Amendment, school: School, by: User, now: datetime) -> int:
    """Ask about what came to be doubtful after it was written; how many were asked."""
    with transaction.atomic():
        row = _with_plan(amendment)
        found = amendment_wording.asked(row, school)
        new = [each.doubt for each in found if each.question is None]
        writers.ask(new, writers.of_amendment(row), by=by, now=now)
    return len(new)


def put_to_vote(*, amendment: Amendment, school: School, by: User, now: datetime) -> Resolution:
    """The committee gets the difference and the whole new version. Until the count it stands still."""
    with transaction.atomic():
        voters = committee.school_committee()
        if voters is None:
            raise NoCommittee
        locks.locked(voters)  # before the plan: the order of the house
        row, content = locked_draft(amendment)
        _refuse_moved(row, now)
        _check(row, content, school)
        doubts.refuse_unsettled(amendment_wording.asked(row, school))
        resolution = committee_actions.open_resolution(
            committee=voters,
            subject=Subject.PLAN,
            title=amendment_wording.title(row),
            text=amendment_wording.resolution_text(row, school),
            object_id=row.pk,
            by=by,
            now=now,
        )
        details = {"resolution": resolution.pk}
        record(verb="amendment.put_to_vote", target=row, by=by, at=now, details=details)
    return resolution


def resolution_closed(*, resolution: Resolution, by: User, now: datetime) -> bool:
    """The committee has counted; False when the vote was about something else."""
    found = Amendment.objects.filter(pk__in=[resolution.object_id]).first()
    if found is None:
        return False
    row = locks.locked(found)
    if resolution.state == ResolutionState.PASSED:
        also = {"resolution_id": resolution.pk, "return_reason": ""}
        states.move(row, to=AmendmentState.RESOLVED, moves=AMENDMENT_MOVES, at=now, also=also)
        record(verb="amendment.resolved", target=row, by=by, at=now, details={"resolution": resolution.pk})
    return True


def send_back(*, amendment: Amendment, reason: str, by: User, now: datetime) -> None:
    """The school's review (S45) finds something. Raises NoReason."""
    said = _said(reason)
    with transaction.atomic():
        row = locks.locked(amendment)
        also = {"resolution_id": None, "return_reason": said}
        states.move(row, to=AmendmentState.DRAFT, moves=AMENDMENT_MOVES, at=now, also=also)
        record(
            verb="amendment.send_back",
            target=row,
            by=by,
            at=now,
            details={"sha256": committee_actions.digest(said)},
        )
    locks.follow(amendment, row)


def file_amendment(*, amendment: Amendment, school: School, by: User, now: datetime) -> Envelope:
    """The school has reviewed it and files the new version with its differences at the bureau (S10)."""
    with transaction.atomic():
        row = _with_plan(amendment)
        _refuse_moved(row, now)
        resolution = committee.passed_resolution(Subject.PLAN, row.pk)
        if row.state != AmendmentState.RESOLVED or resolution is None or resolution.pk != row.resolution_id:
            raise NotDecided(who=_("家长委员会"))
        doubts.refuse_refused(amendment_wording.asked(row, school))
        days = policies.for_school(school, row.plan.first_date).policy.deadlines.filing_answer_days
        envelope = exchange.send(
            kind=EnvelopeKind.PLAN_FILING,
            subject=amendment_wording.title(row),
            payload=amendment_wording.filing_payload(row, school, resolution, now),
            due_at=now + timedelta(days=days),
            by=by,
            now=now,
        )
        also = {"filing_id": envelope.pk}
        states.move(row, to=AmendmentState.FILED, moves=AMENDMENT_MOVES, at=now, also=also)
        record(verb="amendment.file", target=row, by=by, at=now, details={"filing": envelope.pk})
    return envelope


def filing_answered(*, envelope: Envelope, now: datetime) -> bool:
    """The bureau's answer; False when it is about a plan."""
    found = Amendment.objects.filter(filing_id=envelope.pk).first()
    if found is None:
        return False
    row = locks.locked(found)
    to = AmendmentState.ACCEPTED if envelope.answer == "accepted" else AmendmentState.RETURNED
    states.move(row, to=to, moves=AMENDMENT_MOVES, at=now)
    record(verb=f"amendment.{to.value}", target=row, by=None, at=now, details={"filing": envelope.pk})
    return True


def take_up_again(*, amendment: Amendment, by: User, now: datetime) -> None:
    """What the bureau returned is changed and voted on again."""
    with transaction.atomic():
        row = locks.locked(amendment)
        also = {"resolution_id": None}
        states.move(row, to=AmendmentState.DRAFT, moves=AMENDMENT_MOVES, at=now, also=also)
        record(verb="amendment.take_up_again", target=row, by=by, at=now)
    locks.follow(amendment, row)


def drop_amendment(*, amendment: Amendment, by: User, now: datetime) -> None:
    """Given up before it is in force; the plan stays as it is. Not while somebody decides on it."""
    with transaction.atomic():
        row = locks.locked(amendment)
        if committee.open_resolution(Subject.PLAN, row.pk) is not None:
            raise UnderVote
        also = {"return_reason": ""}
        states.move(row, to=AmendmentState.DROPPED, moves=AMENDMENT_MOVES, at=now, also=also)
        record(verb="amendment.drop", target=row, by=by, at=now)


def bring_into_force(*, amendment: Amendment, school: School, by: User, now: datetime) -> None:
    """公示变更 to every parent and in the open; the plan is the new version from this moment on.

    Agreements that run keep what was signed: nothing in an amendment is about it. Raises NotDecided, PlanMoved.
    """
    with transaction.atomic():
        row = _with_plan(amendment)
        if row.state != AmendmentState.ACCEPTED:
            raise NotDecided(who=_("教育局"))
        _refuse_moved(row, now)
        content = Content.read(row.after)
        _refuse_numbers(row, content)
        _apply(row, content)
        notice = notices.publish(
            kind=NoticeKind.FEE,
            title=amendment_wording.title(row),
            body=amendment_wording.notice(row, school),
            to=consultation_queries.signers_of(consultation_queries.asked_pupils()),
            is_open=True,
            by=by,
            now=now,
        )
        row.plan.fee_notice_id = notice.pk
        row.plan.save(update_fields=["fee_notice_id"])
        also = {"notice_id": notice.pk, "in_force_at": now}
        states.move(row, to=AmendmentState.IN_FORCE, moves=AMENDMENT_MOVES, at=now, also=also)
        dotted(settings.PLACES_ADDED)(
            row.plan, by=by, now=now
        )  # enrolment stands above: who waits for them moves up
        mark(now=now, terms=[row.plan.term_code])
        record(verb="amendment.in_force", target=row, by=by, at=now, details={"notice": notice.pk})


def _said(reason: str) -> str:
    said = " ".join(reason.split())[:MOST_REASON]
    if len(said) < LEAST_REASON:
        raise NoReason(least=LEAST_REASON)
    return said


def _running(plan: Plan, now: datetime) -> Plan:
    if plan.state != PlanState.PUBLISHED or local_date(now) > plan.last_date:
        raise NotPublished
    return plan


def _with_plan(amendment: Amendment) -> Amendment:
    """Both locked, the plan first."""
    plan = locks.locked_rows(Plan, [amendment.plan_id], also=("consultation",)).get()
    row = locks.locked(amendment)
    row.plan = plan
    return row


def locked_draft(amendment: Amendment) -> tuple[Amendment, Content]:
    """The row with its plan, ours until the transaction ends, and still a draft that nobody votes on."""
    row = _with_plan(amendment)
    if row.state != AmendmentState.DRAFT:
        raise NotADraft(state=AmendmentState(row.state).label)
    if committee.open_resolution(Subject.PLAN, row.pk) is not None:
        raise UnderVote
    return row, Content.read(row.after)


def _keep(
    row: Amendment, content: Content, verb: str, by: User, now: datetime, *, key: UUID | None = None
) -> None:
    """`key` is of what was written new: the log knows whose words it is (writers.py)."""
    row.after = content.kept()
    row.save(update_fields=["after"])
    details: dict[str, object] = {"sha256": payloads.digest(row.after)}
    record(verb=verb, target=row, by=by, at=now, details=details | ({"key": key} if key else {}))


def _refuse_moved(row: Amendment, now: datetime) -> None:
    plan = row.plan
    is_running = plan.state == PlanState.PUBLISHED and local_date(now) <= plan.last_date
    if not is_running or plan.version + 1 != row.version or Content.of(plan).kept() != row.before:
        raise PlanMoved


def _refuse_numbers(row: Amendment, content: Content) -> None:
    """Whole numbers that a school can mean, no place less than there are children, no more than the room has."""
    if content.participants < 1:
        raise drafting.NoAmount
    if content.participants > drafting.MOST_PARTICIPANTS:
        raise drafting.TooMany(what=_("预计参加人数"), most=f"{drafting.MOST_PARTICIPANTS:,}")
    taken = dict(row.plan.activities.values_list("pk", "taken"))
    before = {each.id: each.capacity for each in Content.read(row.before).groups}
    rooms = {str(room.id): room for room in queries.rooms()}
    for each in content.groups:
        least = max(1, taken.get(UUID(each.id), 0))
        if each.capacity < least:
            raise FewerThanTaken(
                title=each.title, when=amending.when(each), taken=least, field=f"places_{each.id}"
            )
        if each.capacity <= before.get(each.id, 0):
            continue
        room = rooms.get(each.room_id)
        if room is None:
            raise drafting.NoSuchRoom
        if each.capacity > room.places:
            raise drafting.RoomTooSmall(room=room.name, places=room.places, field=f"places_{each.id}")


def _check(row: Amendment, content: Content, school: School) -> None:
    """Whole and within the policy, as a plan is before its vote."""
    if not amendment_wording.difference(row):
        raise NoDifference
    if not content.costs:
        raise NothingPlanned(what=_("成本明细"))
    _refuse_numbers(row, content)
    policy = drafting.policy_of(row.plan, school)
    spans = queries.spans([each.row(row.plan) for each in content.groups])
    rules.check_week(policy, school, spans)
    amendment_wording.check_fees(row, school)


def _apply(row: Amendment, content: Content) -> None:
    """The plan's rows become the new version; what was is in `before`."""
    plan, before = row.plan, Content.read(row.before)
    had = {each.id: each for each in before.groups}
    for each in content.groups:
        if each.id in had and each.capacity != had[each.id].capacity:
            found = Activity.objects.filter(pk=each.id, plan=plan, taken__lte=each.capacity)
            if found.update(capacity=each.capacity) != 1:
                raise RuntimeError("places were taken without the plan's lock")
    Activity.objects.bulk_create([each.row(plan) for each in amending.new_groups(before, content)])
    kept = {each.id for each in content.costs}
    plan.cost_lines.exclude(pk__in=kept).delete()
    known = {each.id for each in before.costs}
    CostLine.objects.bulk_create(
        CostLine(id=UUID(each.id), plan=plan, kind=each.kind, title=each.title, amount_fen=each.amount_fen)
        for each in content.costs
        if each.id not in known
    )
    plan.expected_participants = content.participants
    plan.resolution_id, plan.filing_id = row.resolution_id, row.filing_id
    plan.version = F("version") + 1
    plan.save(update_fields=["expected_participants", "resolution_id", "filing_id", "version"])
    plan.refresh_from_db(fields=["version"])
