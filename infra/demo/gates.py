"""A term's gates in a school that is filled by loads: by the actions, but for the rows of each child."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from afterbell.accounts.models import User
from afterbell.kernel import copying
from afterbell.kernel.money import Fen
from infra.demo import words
from infra.demo.folk import Officials
from infra.demo.groups import Child, Enrolment, Group
from infra.demo.shapes import Shape, pay_fen
from infra.demo.stories import Plot
from infra.demo.times import Times
from schools.care.models import Room
from schools.committee import actions as committee
from schools.committee.models import Choice, Resolution
from schools.planning import actions as planning
from schools.planning import consultation_actions, drafting
from schools.planning.drafting import Terms
from schools.planning.models import (
    Activity,
    Answer,
    Channel,
    Consultation,
    CostKind,
    FeeUnit,
    Plan,
    PlanFee,
    Wish,
)
from tenants import context
from tenants.exchange import actions as exchange
from tenants.exchange import relay
from tenants.exchange.models import Envelope
from tenants.models import School, Stage

HOURS = {Stage.PRIMARY: (time(16, 0), time(17, 20)), Stage.LOWER_SECONDARY: (time(17, 10), time(18, 30))}
FIRST_FLOOR = 101
PLACES = 50


@dataclass(frozen=True)
class Planned:
    """The published plan and which activity each group became."""

    plan: Plan
    activities: dict[Group, Activity]


def publish(found: Shape, times: Times, who: Officials, enrolment: Enrolment, school: School) -> None:
    """From the consultation to the fee notice."""
    consultation = _ask(found, times, who, enrolment)
    plan = _draft(found, times, who, enrolment, consultation, school)
    _activities(found, plan, enrolment)
    _costs(found, times, who, enrolment, plan, school)
    decide(plan, times, who, school)
    _exceed(found, plan)
    file_and_publish(plan, times, who, school)


def decide(plan: Plan, times: Times, who: Officials, school: School) -> None:
    """The committee votes and counts."""
    decided = planning.put_to_vote(plan=plan, school=school, by=who.clerk, now=times.day(4, 15))
    carry(decided, who, times.day(4, 20))
    plan.refresh_from_db()


def file_and_publish(plan: Plan, times: Times, who: Officials, school: School) -> None:
    """Reviewed, filed, accepted by the bureau, and told to all families."""
    filed = planning.file_plan(plan=plan, school=school, by=who.principal, now=times.day(5, 9))
    accept(filed, school, times.day(5, 15))
    plan.refresh_from_db()
    planning.publish_plan(plan=plan, school=school, by=who.principal, now=times.day(6, 10))


def planned(times: Times, enrolment: Enrolment) -> Planned:
    """The published plan of a term again, and its activities."""
    plan = Plan.objects.get(term_code=times.code)
    places = {room.pk: number for number, room in enumerate(Room.objects.order_by("name"))}
    known = {
        (activity.weekday, activity.grade_from, places[activity.room_id]): activity
        for activity in plan.activities.all()
    }
    return Planned(
        plan, {group: known[group.weekday, group.lowest, group.room] for group in enrolment.groups}
    )


def carry(resolution: Resolution, who: Officials, now: datetime) -> None:
    """Two vote yes, one abstains, the chair counts."""
    for voter, choice in zip(who.voters, (Choice.YES, Choice.YES, Choice.ABSTAIN), strict=True):
        committee.vote(resolution=resolution, choice=choice, by=voter, now=now)
    committee.close_resolution(resolution=resolution, by=who.chair, now=now + timedelta(minutes=5))


def accept(filing: Envelope, school: School, now: datetime) -> None:
    """The relay carries the filing to the city, the bureau accepts, the relay brings the answer."""
    relay.relay_school(school, now)
    with context.in_city():
        bureau = User.objects.get(login="supervisor")
        sent = Envelope.objects.get(pk=filing.pk)
        exchange.answer(envelope=sent, answer="accepted", note="材料齐全，予以备案。", by=bureau, now=now)
    relay.relay_school(school, now)


def rooms(most_at_once: int) -> list[Room]:
    """As many as are used at one time, in the order of their names; those that are there stay."""
    known = list(Room.objects.order_by("name"))
    fresh = []
    for number in range(len(known), most_at_once):
        floor, door = divmod(number, 8)
        fresh.append(Room(name=f"教学楼{FIRST_FLOOR + floor * 100 + door}室", places=PLACES))
    Room.objects.bulk_create(fresh)
    return known + fresh


def _ask(found: Shape, times: Times, who: Officials, enrolment: Enrolment) -> Consultation:
    asked = consultation_actions.draft_consultation(
        term_code=times.code,
        title="课后服务意愿征询",
        text=words.INTRODUCTION,
        closes_at=times.day(3, 18),
        by=who.clerk,
        now=times.day(0, 8),
    )
    consultation_actions.open_consultation(consultation=asked, by=who.clerk, now=times.day(0, 9))
    wishes = _wishes(found, enrolment)
    chance = found.random("answers")
    copying.instances(
        Answer(
            consultation_id=asked.pk,
            pupil_id=child.id,
            guardian_id=child.guardian_id,
            wish=wish,
            channel=Channel.PHONE,
            at=times.day(0, 9) + timedelta(minutes=chance.randrange(20, 3 * 24 * 60)),
        )
        for child, wish in wishes
    )
    consultation_actions.close_consultation(consultation=asked, by=who.clerk, now=times.day(3, 18, 5))
    asked.refresh_from_db()
    return asked


def _wishes(found: Shape, enrolment: Enrolment) -> list[tuple[Child, Wish]]:
    """Who joins has said yes; of the others most say no, and at least two of every class that counts."""
    chance = found.random("wishes")
    answers: list[tuple[Child, Wish]] = []
    noes: dict[object, int] = {}
    for child in enrolment.children:
        if child.weekdays:
            answers.append((child, Wish.YES))
        elif noes.get(child.class_id, 0) < 2 or chance.random() < 0.6:
            noes[child.class_id] = noes.get(child.class_id, 0) + 1
            answers.append((child, Wish.NO))
        elif chance.random() < 0.5:
            answers.append((child, Wish.UNDECIDED))
    return answers


def _draft(
    found: Shape,
    times: Times,
    who: Officials,
    enrolment: Enrolment,
    consultation: Consultation,
    school: School,
) -> Plan:
    year = "秋季" if times.first_date.month > 6 else "春季"
    terms = Terms(
        name=f"{times.first_date.year}年{year}课后服务方案",
        first_date=times.service.first,
        last_date=times.service.last,
        fee_unit=FeeUnit.CLASS_HOUR,
        fee=Fen(min(found.fee_fen, found.cap_fen)),
        expected_participants=len(enrolment.joining),
    )
    return drafting.draft_plan(
        consultation=consultation, terms=terms, school=school, by=who.clerk, now=times.day(4, 9)
    )


def _activities(found: Shape, plan: Plan, enrolment: Enrolment) -> None:
    places = rooms(enrolment.most_at_once)
    starts, ends = HOURS[found.school.stage]
    made = []
    for group in enrolment.groups:
        title, kind = words.ACTIVITIES[
            (group.room * 3 + group.weekday + group.room // 5) % len(words.ACTIVITIES)
        ]
        activity = Activity(
            plan=plan,
            title=title,
            kind=kind,
            weekday=group.weekday,
            starts=starts,
            ends=ends,
            room_id=places[group.room].pk,
            grade_from=group.lowest,
            grade_to=group.highest,
            capacity=max(found.group, len(group.children)),
        )
        made.append(activity)
    Activity.objects.bulk_create(made)


def _costs(
    found: Shape, times: Times, who: Officials, enrolment: Enrolment, plan: Plan, school: School
) -> None:
    weeks = (times.service.last - times.service.first).days // 7
    hours = len(enrolment.groups) * 2 * weeks
    staff = hours * pay_fen(found, enrolment.mean_group)
    for kind, title, fen in (
        (CostKind.STAFF, words.STAFF_PAY, staff),
        (CostKind.STAFF, words.LEADERS_PAY, staff // 20),
        (CostKind.MATERIALS, words.MATERIALS, staff // 20),
        (CostKind.OTHER, words.OTHER, staff // 60),
    ):
        drafting.add_cost_line(
            plan=plan,
            kind=kind,
            title=title,
            amount=Fen(fen),
            school=school,
            by=who.clerk,
            now=times.day(4, 10),
        )


def _exceed(found: Shape, plan: Plan) -> None:
    """Fees above the cap, which no action would let through: written after the vote, as somebody with rights could."""
    if Plot.OVER_CAP in found.plots:
        Plan.objects.filter(pk=plan.pk).update(fee_fen=found.fee_fen)
        PlanFee.objects.filter(plan=plan).update(fee_fen=found.fee_fen)
        plan.refresh_from_db()
