"""Stage of the care tests: a teacher at the gate on a Monday, her children, their adults, and a day that is theirs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from afterbell.accounts.models import User
from schools.care import operations, roll_actions
from schools.care.models import RollEntry, Session
from schools.care.states import UNACCOUNTED
from schools.people.models import Guardian, Pupil
from schools.planning.models import Plan
from schools.staffing.models import Contract
from tests import makers

FOUR = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
"""16:00 of Monday 7 September at the school."""
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class Gate:
    """One session of today with its people."""

    teacher: User
    contract: Contract
    session: Session
    pupils: list[Pupil]
    guardians: list[Guardian]
    agreements: list = field(default_factory=list)


def a_gate(children: int = 3, *, day=makers.MONDAY, activity=None, **agreement) -> Gate:
    """A planned session with a responsible teacher and enrolled children; each has one parent who may collect."""
    teacher = makers.a_user("care_staff", name="陈静")
    contract = makers.a_contract(user=teacher)
    activity = activity or makers.an_activity(Plan.objects.filter(state="published").first())
    session = makers.a_session(activity, day=day, contract=contract)
    gate = Gate(teacher, contract, session, [], [])
    for _child in range(children):
        enrol(gate, **agreement)
    return gate


def enrol(gate: Gate, **more) -> Pupil:
    """One more child with a place in the activity."""
    pupil = makers.a_pupil()
    guardian = makers.a_guardian(pupil)
    agreement = makers.an_agreement(pupil, plan=gate.session.activity.plan, guardian=guardian, **more)
    makers.a_place(agreement, gate.session.activity)
    gate.pupils.append(pupil)
    gate.guardians.append(guardian)
    gate.agreements.append(agreement)
    return pupil


def opened(children: int = 3, *, now=FOUR, **more) -> Gate:
    """The same with its roll call begun."""
    gate = a_gate(children, **more)
    roll_actions.open_session(session=gate.session, by=gate.teacher, now=now)
    return gate


def item(kind, gate_or_session, pupil=None, *, at=FOUR, key=None, **more) -> dict:
    """One operation as a phone sends it."""
    session = getattr(gate_or_session, "session", gate_or_session)
    said = {"id": str(key or uuid4()), "kind": kind, "at": at.isoformat(), "session": str(session.pk), **more}
    return said | ({"pupil": str(pupil.pk)} if pupil else {})


def send(gate, *items, by=None, now=FOUR) -> list[str]:
    """Apply them as one request; answers as words: applied, duplicate or the refusal's code."""
    sent = [operations.read(each, operation_id=UUID(each["id"]), now=now) for each in items]
    answers = operations.apply(sent=sent, by=by or gate.teacher, now=now)
    return [answer.code or answer.result for answer in answers]


def entry(gate, pupil) -> RollEntry:
    return RollEntry.objects.get(session=gate.session, pupil=pupil)


def states(gate) -> list[str]:
    return [entry(gate, pupil).state for pupil in gate.pupils]


def count_is_right(session) -> bool:
    """`unaccounted` is what it says: the children who are expected or present."""
    row = Session.objects.get(pk=session.pk)
    return row.unaccounted == RollEntry.objects.filter(session=row, state__in=UNACCOUNTED).count()


def logged_in(school, user) -> Client:
    """A browser of this user at the school's host; call it inside the school."""
    client = Client(SERVER_NAME=f"s{school.code}.localhost")
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return client


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)
