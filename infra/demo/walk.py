"""Two small schools, whose terms go through the actions alone, in the order in which they are done."""

from datetime import datetime, time, timedelta
from itertools import islice

from afterbell.accounts.models import User
from afterbell.kernel.money import Fen
from infra.demo import folk, gates, names, rosters, times, walk_books, words
from infra.demo.times import Times
from infra.demo.walk_days import Walk
from schools.care import actions as care
from schools.care import duty_actions, room_actions
from schools.care.models import Condition, DutyRole, Room
from schools.committee import actions as committee
from schools.committee import queries as committees
from schools.committee.models import Subject
from schools.enrolment import actions as enrolment
from schools.enrolment import places, signing, wording
from schools.enrolment.models import Application, Side
from schools.people.models import Guardian, Pupil, Tie
from schools.planning import consultation_actions, drafting
from schools.planning.drafting import NewActivity, Terms
from schools.planning.models import Activity, ActivityKind, Consultation, CostKind, FeeUnit, Plan, Wish
from schools.staffing import actions as staffing
from schools.staffing.models import Candidate, CheckKind, Contract, Origin
from tenants.models import School
from tenants.policies.documents import Policy

FEE, PAY = Fen(280), Fen(5000)
GROUPS = ((1, 3), (4, 6))
"""Grades of the two groups."""
WEEK = (
    (1, "作业辅导", ActivityKind.HOMEWORK),
    (3, "自主阅读", ActivityKind.READING),
    (5, "足球", ActivityKind.SPORT),
)
STAFF = 3
"""A leader and a teacher for each group."""
SILENT, NO, UNDECIDED, PAPER = 11, 5, 9, 7
"""Every so manieth family does not answer, says no, is undecided, answers on paper."""


def to_the_fee_notice(when: Times, school: School, index: int, policy: Policy) -> dict[str, int]:
    """The roster, the consultation, the plan and its way through the gates."""
    _people(when, school, index)
    walk = _walk(when, school, index, policy)
    plan = _plan(walk, _asked(walk))
    return {"activities": plan.activities.count()}


def to_the_last_fen(when: Times, school: School, index: int, policy: Policy) -> dict[str, int]:
    """Applications, staff, sessions and books up to the settlement, or as far as `now` allows."""
    walk, plan = _walk(when, school, index, policy), Plan.objects.get(term_code=when.code)
    agreements = _join(walk, plan)
    contracts = _hire(walk)
    care.make_sessions(plan=plan, school=school, by=walk.who.clerk, now=when.day(8, 10))
    _on_duty(walk, plan, contracts)
    held = walk_books.through_the_term(walk, plan, contracts)
    return {"agreements": agreements, "sessions": held}


def _walk(when: Times, school: School, index: int, policy: Policy) -> Walk:
    return Walk(when, school, folk.officials(school.code, times.at(folk.OFFICE_TERM[0], 9)), policy, index)


def signer(pupil: Pupil) -> Guardian:
    """The adult who answers for a child: the one with the lower phone."""
    tie = (
        Tie.objects.filter(pupil=pupil, may_sign=True)
        .select_related("guardian__user")
        .order_by("guardian__phone")[0]
    )
    return tie.guardian


def _people(when: Times, school: School, index: int) -> None:
    """The office keeps the roster; once there is a committee it stays."""
    began = times.at(folk.OFFICE_TERM[0], 9)
    is_new = committees.school_committee() is None
    clerk = folk.staff(school.code, began)[-1]
    opened = began if is_new else when.day(0, 7, 30)
    rosters.bring_in(code=school.code, name=school.name, index=index, by=clerk, now=opened)
    if is_new:
        folk.seat(school.code, began)


def _asked(walk: Walk) -> Consultation:
    when, clerk = walk.times, walk.who.clerk
    asked = consultation_actions.draft_consultation(
        term_code=when.code, title="课后服务意愿征询", text=words.INTRODUCTION, closes_at=when.day(3, 18),
        by=clerk, now=when.day(0, 8),
    )  # fmt: skip
    consultation_actions.open_consultation(consultation=asked, by=clerk, now=when.day(0, 9))
    paper = {}
    for number, pupil in enumerate(_pupils(), start=1):
        if number % PAPER == 0:
            paper[pupil.pk] = _wish(number)
        elif number % SILENT:
            consultation_actions.answer(
                consultation=asked, pupil=pupil, wish=_wish(number), by=_user(pupil), now=_evening(when, 0, number)
            )  # fmt: skip
    consultation_actions.key_paper_answers(consultation=asked, wishes=paper, by=clerk, now=when.day(2, 10))
    consultation_actions.close_consultation(consultation=asked, by=clerk, now=when.day(3, 18, 5))
    asked.refresh_from_db()
    return asked


def _wish(number: int) -> Wish:
    return Wish.NO if number % NO == 0 else Wish.UNDECIDED if number % UNDECIDED == 0 else Wish.YES


def _plan(walk: Walk, asked: Consultation) -> Plan:
    when, school, clerk = walk.times, walk.school, walk.who.clerk
    rooms = _rooms(walk)
    season = "秋季" if when.first_date.month > 6 else "春季"
    terms = Terms(
        name=f"{when.first_date.year}年{season}课后服务方案", first_date=when.service.first,
        last_date=when.service.last, fee_unit=FeeUnit.CLASS_HOUR, fee=FEE, expected_participants=asked.yes,
    )  # fmt: skip
    plan = drafting.draft_plan(consultation=asked, terms=terms, school=school, by=clerk, now=when.day(4, 9))
    for (lowest, highest), room in zip(GROUPS, rooms, strict=True):
        for weekday, title, kind in WEEK:
            new = NewActivity(
                title=title, kind=kind, weekday=weekday, starts=time(16, 0), ends=time(17, 20), room_id=room.pk,
                grade_from=lowest, grade_to=highest, capacity=25,
            )  # fmt: skip
            drafting.add_activity(plan=plan, new=new, school=school, by=clerk, now=when.day(4, 10))
    for cost, title, amount in (
        (CostKind.STAFF, words.STAFF_PAY, 850_000),
        (CostKind.MATERIALS, words.MATERIALS, 60_000),
    ):
        drafting.add_cost_line(
            plan=plan, kind=cost, title=title, amount=Fen(amount), school=school, by=clerk, now=when.day(4, 11)
        )  # fmt: skip
    gates.decide(plan, when, walk.who, school)
    gates.file_and_publish(plan, when, walk.who, school)
    plan.refresh_from_db()
    return plan


def _rooms(walk: Walk) -> list[Room]:
    known = list(Room.objects.order_by("name"))
    return known or [
        room_actions.keep_room(
            room=None,
            name=name,
            places=40,
            condition=Condition.GOOD,
            by=walk.who.clerk,
            now=walk.times.day(0, 8),
        )
        for name in ("一楼多功能室", "二楼阅览室")
    ]


def _join(walk: Walk, plan: Plan) -> int:
    """Those who said yes apply on their phones; school and committee approve."""
    made: list[Application] = []
    for number, pupil in enumerate(_pupils(), start=1):
        if _wish(number) == Wish.YES:
            made.append(_apply(walk, plan, pupil, number))
    when, who = walk.times, walk.who
    enrolment.approve_many(applications=made, side=Side.SCHOOL, by=who.principal, now=when.day(9, 18))
    enrolment.approve_many(applications=made, side=Side.COMMITTEE, by=who.chair, now=when.day(9, 20))
    return len(made)


def _apply(walk: Walk, plan: Plan, pupil: Pupil, number: int) -> Application:
    fits = plan.activities.filter(
        grade_from__lte=pupil.school_class.grade, grade_to__gte=pupil.school_class.grade
    )
    days = 3 if number % 4 else 2
    activities = tuple(sorted(fits, key=_weekday)[:days])
    alone = pupil.school_class.grade >= 5 and number % 3 == 0
    wanted = wording.Wanted(walk.school, plan, pupil, signer(pupil), activities, alone)
    x, y = 20 + number % 50, 60 + number % 70
    return enrolment.submit_application(
        school=walk.school,
        plan=plan,
        pupil=pupil,
        activities=activities,
        goes_home_alone=alone,
        signature=signing.drawn(f"M {x} {y} L {x + 180} {y - 40} L {x + 300} {y + 60}"),
        read_sha256=wording.texts(wanted).sha256,
        device=places.digest(signer(pupil).phone),
        by=_user(pupil),
        now=_evening(walk.times, 6, number),
    )


def _weekday(activity: Activity) -> int:
    return activity.weekday


def _hire(walk: Walk) -> list[Contract]:
    """A leader and two teachers; in the second term the committee decides on them anew, and they sign again."""
    people = list(Candidate.objects.order_by("phone"))
    for person in people:
        _decided(walk, person)
    people = people or [_hired(walk, n) for n in range(STAFF)]
    return [
        staffing.sign_contract(
            candidate=person,
            from_date=walk.times.service.first,
            until_date=walk.times.last_date,
            pay_fen=PAY,
            school_name=walk.school.name,
            policy=walk.policy,
            by=walk.who.chair,
            now=walk.times.day(8, 9),
        )
        for person in people
    ]


def _hired(walk: Walk, number: int) -> Candidate:
    when, who = walk.times, walk.who
    name = next(islice(names.people(f"team:{walk.school.code}"), number, None))
    origin = Origin.PROFESSIONAL if number == STAFF - 1 else Origin.SCHOOL
    person = staffing.propose_candidate(
        name=name, phone=f"+86137{walk.index:04d}{number + 1:04d}", origin=origin,
        skills=words.SKILLS[number], by=who.clerk, now=when.day(1, 10),
    )  # fmt: skip
    for kind in CheckKind.values:
        staffing.record_check(
            candidate=person, kind=kind, passed=True, checked_date=times.at(folk.OFFICE_TERM[0], 9).date(),
            expires_date=None, document_number=f"202602-{number:04d}", consent_at=times.at(folk.OFFICE_TERM[0], 8),
            policy=walk.policy, by=who.principal, now=when.day(2, 11),
        )  # fmt: skip
    return _decided(walk, person)


def _decided(walk: Walk, person: Candidate) -> Candidate:
    when, who = walk.times, walk.who
    standing = committees.school_committee()
    if standing is None:
        raise RuntimeError("no committee")
    decided = committee.open_resolution(
        committee=standing, subject=Subject.HIRE, title=f"聘用{person.name}",
        text=f"同意聘用{person.name}为课后服务人员。", object_id=person.pk, by=who.clerk, now=when.day(7, 15),
    )  # fmt: skip
    gates.carry(decided, who, when.day(7, 19))
    person.refresh_from_db()
    return person


def _on_duty(walk: Walk, plan: Plan, contracts: list[Contract]) -> None:
    leader, *teachers = contracts
    rooms = list(Room.objects.order_by("name"))
    for activity in plan.activities.order_by("weekday", "pk"):
        place = next(n for n, room in enumerate(rooms) if room.pk == activity.room_id)
        for contract, role in ((teachers[place], DutyRole.RESPONSIBLE), (leader, DutyRole.LEADER)):
            duty_actions.assign_series(
                activity=activity, contract=contract, role=role, first_date=walk.times.service.first,
                by=walk.who.clerk, now=walk.times.day(9, 9),
            )  # fmt: skip


def _pupils() -> list[Pupil]:
    rows = Pupil.objects.filter(left_date=None).select_related("school_class")
    return list(rows.order_by("number"))


def _user(pupil: Pupil) -> User:
    user = signer(pupil).user
    if user is None:
        raise RuntimeError("every guardian of a roster has an account")
    return user


def _evening(when: Times, first: int, number: int) -> datetime:
    """One of three days, between five and nine."""
    return when.day(first + number % 3, 17) + timedelta(minutes=number * 37 % 240)
