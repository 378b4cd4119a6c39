"""Makes people and things for tests: short names, plausible values, nothing that a test does not need.

Rows are made directly, below the actions, so that the tests of one room don't hang on another room's actions. Call them
inside `in_school(…)`. Each takes **more to change a field.
"""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import count

from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import BY_SEAT
from schools.care.models import Duty, RollEntry, Room, Session
from schools.committee.models import Committee, Level, Office, Resolution, Seat, Subject
from schools.committee.states import ResolutionState
from schools.enrolment.models import Agreement, Application, ChosenActivity
from schools.enrolment.states import ApplicationState
from schools.people.models import Guardian, Pupil, Relation, SchoolClass, Tie
from schools.planning.models import Activity, ActivityKind, Consultation, FeeUnit, Plan
from schools.planning.states import ConsultationState, PlanState
from schools.staffing.models import Candidate, Clearance, Contract, Origin
from schools.staffing.states import CandidateState
from tenants.models import PolicyProfile, School, Term
from tests.city import NOON

TERM = "2026-2027-1"
FIRST, LAST = date(2026, 9, 1), date(2027, 1, 22)
MONDAY = date(2026, 9, 7)
_numbers = count(1)


def number() -> int:
    """A number that no other row of this run has."""
    return next(_numbers)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def school(code: str) -> School:
    return School.objects.select_related("district").get(code=code)


def a_term(**more) -> Term:
    """Public row: call it outside a school."""
    return Term.objects.create(
        **{"code": TERM, "name": "2026—2027学年第一学期", "first_date": FIRST, "last_date": LAST, **more}
    )


def a_policy(document: dict, **more) -> PolicyProfile:
    """Public row: call it outside a school. `document` as in tenants/policies/profiles/*.json."""
    return PolicyProfile.objects.create(
        **{
            "name": "测试",
            "valid_from_date": date(2022, 1, 1),
            "document": document,
            "source": "测试",
            "created_at": NOON,
            **more,
        }
    )


def a_user(role: str = "", *, name: str = "王老师", scope: str = "", **more) -> User:
    user = User.objects.create(**{"login": f"u{number()}", "name": name, **more})
    if role:
        Assignment.objects.create(user=user, role=role, scope=scope, **days_of(role))
    return user


def days_of(role: str) -> dict[str, date]:
    """What a role that follows a seat stands for: in tests, for ever."""
    return {"from_date": date(2000, 1, 1), "until_date": date(2100, 1, 1)} if role in BY_SEAT else {}


def a_class(**more) -> SchoolClass:
    given = {"entry_year": 2026, "grade": 1, "number": number() % 30000, "name": "一年级1班", **more}
    return SchoolClass.objects.create(**given)


def a_pupil(*, school_class: SchoolClass | None = None, **more) -> Pupil:
    given = {"number": f"G{number():08d}", "name": "李小明", "joined_date": FIRST, **more}
    return Pupil.objects.create(school_class=school_class or a_class(), **given)


def a_guardian(*pupils: Pupil, may_sign: bool = True, may_collect: bool = True, **more) -> Guardian:
    """A parent, tied to these children."""
    guardian = Guardian.objects.create(**{"name": "李强", "phone": f"+86139{number():08d}", **more})
    for pupil in pupils:
        a_tie(guardian, pupil, may_sign=may_sign, may_collect=may_collect)
    return guardian


def a_tie(guardian: Guardian, pupil: Pupil, **more) -> Tie:
    return Tie.objects.create(guardian=guardian, pupil=pupil, **{"relation": Relation.FATHER, **more})


def a_committee(**more) -> Committee:
    return Committee.objects.create(**{"level": Level.SCHOOL, "founded_date": FIRST, **more})


def a_seat(committee: Committee, office: Office = Office.MEMBER, **more) -> Seat:
    guardian = more.pop("guardian", None) or a_guardian(a_pupil())
    return Seat.objects.create(
        committee=committee,
        guardian=guardian,
        office=office,
        **{"from_date": FIRST, "until_date": date(2027, 8, 31), **more},
    )


def a_passed_resolution(subject: Subject = Subject.PLAN, **more) -> Resolution:
    given = {"committee": None, "text": "同意。", "title": "决议", **more}
    committee = given.pop("committee") or Committee.objects.filter(level="school").first() or a_committee()
    return Resolution.objects.create(
        committee=committee, number=f"J{number():06d}", subject=subject, text_sha256=digest(given["text"]),
        **{"state": ResolutionState.PASSED, "quorum": 1, "opened_at": NOON, "closed_at": NOON, **given},
    )  # fmt: skip


def a_consultation(**more) -> Consultation:
    """A closed one with demand."""
    return Consultation.objects.create(
        **{
            "term_code": TERM, "title": "课后服务意愿征询", "text": "请您选择。", "state": ConsultationState.CLOSED,
            "closes_at": NOON, "opened_at": NOON, "closed_at": NOON, "asked": 100, "yes": 70, "no": 20, "undecided": 5,
            **more,
        }
    )  # fmt: skip


def a_plan(**more) -> Plan:
    """A published one: 3.00 yuan a class hour, without a cap."""
    consultation = (
        more.pop("consultation", None)
        or Consultation.objects.filter(term_code=TERM).first()
        or a_consultation()
    )
    given = {
        "term_code": TERM, "name": "课后服务方案", "state": PlanState.PUBLISHED, "first_date": FIRST, "last_date": LAST,
        "fee_unit": FeeUnit.CLASS_HOUR, "fee_fen": 300, "collector": "school", "expected_participants": 70,
        "created_at": NOON, "published_at": NOON, **more,
    }  # fmt: skip
    given.setdefault("resolution_id", a_passed_resolution().pk)
    given.setdefault("filing_id", a_passed_resolution().pk)
    given.setdefault("fee_notice_id", a_passed_resolution().pk)
    return Plan.objects.create(consultation=consultation, **given)


def a_room(**more) -> Room:
    return Room.objects.create(**{"name": f"教学楼{number()}室", "places": 45, **more})


def an_activity(plan: Plan | None = None, *, room: Room | None = None, **more) -> Activity:
    given = {
        "title": "作业辅导", "kind": ActivityKind.HOMEWORK, "weekday": 1, "starts": time(16, 0), "ends": time(17, 20),
        "grade_from": 1, "grade_to": 6, "capacity": 40, **more,
    }  # fmt: skip
    return Activity.objects.create(plan=plan or a_plan(), room_id=(room or a_room()).pk, **given)


def an_agreement(
    pupil: Pupil | None = None, *, plan: Plan | None = None, guardian: Guardian | None = None, **more
) -> Agreement:
    """A signed agreement with its approved application."""
    pupil = pupil or a_pupil()
    guardian = guardian or a_guardian(pupil)
    plan = plan or Plan.objects.filter(term_code=TERM, state=PlanState.PUBLISHED).first() or a_plan()
    text = "托管服务协议"
    application = Application.objects.create(
        number=f"A{number():06d}", plan=plan, pupil=pupil, guardian=guardian, state=ApplicationState.APPROVED, text="申请表",
        text_sha256=digest("申请表"), signature="M 1 1 L 9 9", device="d" * 64, submitted_at=NOON, decided_at=NOON,
    )  # fmt: skip
    return Agreement.objects.create(
        **{
            "number": f"X{number():06d}", "application": application, "pupil": pupil, "plan": plan, "text": text,
            "text_sha256": digest(text), "guardian_signed_at": NOON, "school_signed_at": NOON,
            "school_signed_by": more.pop("school_signed_by", None) or a_user("principal"),
            "from_date": plan.first_date, "until_date": plan.last_date, **more,
        }
    )  # fmt: skip


def a_place(agreement: Agreement, activity: Activity, **more) -> ChosenActivity:
    """Chosen with the application, and given with the agreement; not counted in the activity's `taken`."""
    given = {"holds_place": True, "placed_from": agreement.from_date, "placed_at": NOON, **more}
    return ChosenActivity.objects.create(application=agreement.application, activity=activity, **given)


def a_contract(**more) -> Contract:
    """A hired and cleared person with a contract for the term."""
    candidate = more.pop("candidate", None) or Candidate.objects.create(
        name="陈静", phone=f"+86137{number():08d}", origin=Origin.SCHOOL, state=CandidateState.APPROVED,
        resolution_id=a_passed_resolution(Subject.HIRE).pk, user=more.pop("user", None), proposed_at=NOON,
    )  # fmt: skip
    unused = not Contract.objects.filter(resolution_id=candidate.resolution_id).exists()
    contract = Contract.objects.create(
        **{
            "resolution_id": candidate.resolution_id if unused else None,
            "number": f"P{number():06d}", "candidate": candidate, "from_date": FIRST, "until_date": LAST, "pay_fen": 5500,
            "text_sha256": digest("聘用协议"), "signed_at": NOON, **more,
        }
    )  # fmt: skip
    Clearance.objects.create(contract=contract, from_date=contract.from_date, until_date=contract.until_date)
    return contract


def a_session(
    activity: Activity | None = None, *, day: date = MONDAY, contract: Contract | None = None, **more
) -> Session:
    """A planned session; with a contract, that person is responsible for it."""
    activity = activity or an_activity()
    room = Room.objects.get(pk=activity.room_id)
    starts = datetime.combine(day, activity.starts, tzinfo=UTC) - timedelta(hours=8)
    ends = datetime.combine(day, activity.ends, tzinfo=UTC) - timedelta(hours=8)
    session = Session.objects.create(
        activity=activity, room=room, date=day, starts_at=starts, ends_at=ends, **{"planned_units": 2, **more}
    )
    if contract:
        a_duty(session, contract)
    return session


def a_duty(session: Session, contract: Contract, **more) -> Duty:
    clearance = contract.clearance
    return Duty.objects.create(
        session=session, date=session.date, clearance=clearance, clear_from_date=clearance.from_date,
        clear_until_date=clearance.until_date, **more,
    )  # fmt: skip


def a_roll_entry(session: Session, agreement: Agreement, **more) -> RollEntry:
    """An expected child; counts as unaccounted for."""
    session.unaccounted += 1
    session.save(update_fields=["unaccounted"])
    return RollEntry.objects.create(session=session, agreement=agreement, pupil=agreement.pupil, **more)
