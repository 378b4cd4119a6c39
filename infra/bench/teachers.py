"""Teachers of a school with a session each, logged in, and everything that their phones will send at the gate."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from afterbell.accounts.models import Assignment, User
from infra.bench import stage
from schools.care.models import Duty, Room, Session
from schools.enrolment.models import Agreement, Application, ChosenActivity
from schools.people.models import Guardian, Pupil, SchoolClass, Tie
from schools.planning.models import Activity, Consultation, Plan
from schools.staffing.models import Candidate, Clearance, Contract
from tenants.context import in_school
from tenants.models import School

CHILDREN = 40
BATCH = 20
"""Operations a request: what a phone with a weak signal has kept when it gets through."""
CSRF = "b" * 32
HASH = "0" * 64
TERM = "2026-2027-1"


@dataclass
class Teacher:
    """One teacher's phone: where it logs in, and what it sends, in order."""

    host: str
    cookie: str
    requests: list[bytes] = field(default_factory=list)


def stage_teachers(
    school: School,
    day: date,
    chance: random.Random,
    *,
    teachers: int,
    children: int = CHILDREN,
    batch: int = BATCH,
) -> list[Teacher]:
    """Teachers with a session each of 40 children, logged in, and everything that their phones will send."""
    with in_school(school):
        plan = _plan(day)
        signer = User.objects.filter(login="signer").first() or User.objects.create(
            login="signer", name="校长"
        )
        school_class = SchoolClass.objects.first() or SchoolClass.objects.create(
            entry_year=2026, grade=1, number=1, name="一年级1班"
        )
        made = []
        for _ in range(teachers):
            teacher, session = _teacher(school, plan, day)
            families = _families(session.activity, school_class, signer, day, children)
            teacher.requests = _requests(session, families, chance, batch)
            made.append(teacher)
        return made


def _plan(day: date) -> Plan:
    found = Plan.objects.first()
    if found is not None:
        return found
    asked = Consultation.objects.create(
        term_code=TERM, title="征询", text="…", state="closed", closes_at=stage.NOW, opened_at=stage.NOW,
        closed_at=stage.NOW, asked=1, yes=1,
    )  # fmt: skip
    return Plan.objects.create(
        term_code=TERM, name="方案", consultation=asked, state="published", first_date=day, last_date=day,
        fee_unit="class_hour", fee_fen=300, collector="school", expected_participants=100, resolution_id=uuid4(),
        filing_id=uuid4(), fee_notice_id=uuid4(), published_at=stage.NOW, created_at=stage.NOW,
    )  # fmt: skip


def _teacher(school: School, plan: Plan, day: date) -> tuple[Teacher, Session]:
    key = uuid4().hex
    user = User.objects.create(login=f"t{key[:12]}", name="陈静")
    Assignment.objects.create(user=user, role="care_staff")
    host = f"s{school.code}.{settings.DOMAIN}"
    return Teacher(host=host, cookie=log_in(user)), _session(plan, user, key, day)


def _session(plan: Plan, user: User, key: str, day: date) -> Session:
    contract = Contract.objects.create(
        number=key[:20],
        candidate=Candidate.objects.create(
            name="陈静", phone=f"+86139{int(key[:12], 16) % 10**8:08d}", origin="school", state="approved",
            resolution_id=uuid4(), user=user, proposed_at=stage.NOW,
        ),
        from_date=day, until_date=day + timedelta(days=1), pay_fen=5500, text_sha256=HASH, signed_at=stage.NOW,
    )  # fmt: skip
    clearance = Clearance.objects.create(contract=contract, from_date=day, until_date=contract.until_date)
    room = Room.objects.create(name=key[:20], places=45)
    activity = Activity.objects.create(
        plan=plan, title="作业辅导", kind="homework", weekday=min(day.isoweekday(), 5), starts=time(16), ends=time(17, 20),
        room_id=room.pk, grade_from=1, grade_to=6, capacity=CHILDREN, taken=CHILDREN,
    )  # fmt: skip
    starts = timezone.make_aware(datetime.combine(day, time(16)))
    session = Session.objects.create(
        activity=activity,
        room=room,
        date=day,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=80),
        planned_units=2,
    )
    Duty.objects.create(
        session=session, date=day, clearance=clearance, clear_from_date=clearance.from_date,
        clear_until_date=clearance.until_date,
    )  # fmt: skip
    return session


def _families(
    activity: Activity, school_class: SchoolClass, signer: User, day: date, children: int
) -> list[tuple[UUID, UUID]]:
    """(child, parent) of every agreement."""
    keys = [uuid4().hex for _ in range(children)]
    pupils = Pupil.objects.bulk_create(
        Pupil(number=key[:30], name="李小明", school_class=school_class, joined_date=day) for key in keys
    )
    parents = Guardian.objects.bulk_create(
        Guardian(name="李强", phone=f"+1{int(key[:12], 16) % 10**13:013d}") for key in keys
    )
    Tie.objects.bulk_create(
        Tie(pupil=pupil, guardian=parent, relation="father", may_sign=True, may_collect=True)
        for pupil, parent in zip(pupils, parents, strict=True)
    )
    applications = Application.objects.bulk_create(
        Application(
            number=key[:20], plan=activity.plan, pupil=pupil, guardian=parent, state="approved", text="…", text_sha256=HASH,
            signature="M 1 1", device=HASH, submitted_at=stage.NOW, decided_at=stage.NOW,
        )
        for key, pupil, parent in zip(keys, pupils, parents, strict=True)
    )  # fmt: skip
    Agreement.objects.bulk_create(
        Agreement(
            number=application.number, application=application, pupil=application.pupil, plan=activity.plan, text="…",
            text_sha256=HASH, guardian_signed_at=stage.NOW, school_signed_at=stage.NOW, school_signed_by=signer,
            from_date=day, until_date=day,
        )
        for application in applications
    )  # fmt: skip
    ChosenActivity.objects.bulk_create(
        ChosenActivity(
            application=application, activity=activity, holds_place=True, placed_from=day, placed_at=stage.NOW
        )
        for application in applications
    )
    return [(pupil.pk, parent.pk) for pupil, parent in zip(pupils, parents, strict=True)]


def log_in(user: User) -> str:
    """The cookies of a person who is logged in, for the benchmark's own server."""
    return f"session={new_session(user)}; csrf={CSRF}"


def new_session(user: User) -> str:
    """A session as a login would leave it; the login itself is another benchmark's business."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def _requests(
    session: Session, families: list[tuple[UUID, UUID]], chance: random.Random, batch: int
) -> list[bytes]:
    """Open, everybody arrives, everybody is collected in another order, close: some operations a request."""
    now = datetime.now(UTC)
    said: list[dict[str, str]] = [{"kind": "open"}]
    said += [{"kind": "present", "pupil": str(pupil)} for pupil, _parent in families]
    leaving = chance.sample(families, len(families))
    said += [{"kind": "handover", "pupil": str(pupil), "collector": str(parent)} for pupil, parent in leaving]
    said.append({"kind": "close", "note": "作业辅导，全部完成，无异常。"})
    items = [
        {
            "id": str(uuid4()),
            "at": (now + timedelta(milliseconds=place)).isoformat(),
            "session": str(session.pk),
            **one,
        }
        for place, one in enumerate(said)
    ]
    return [json.dumps(items[place : place + batch]).encode() for place in range(0, len(items), batch)]
