"""Stage of the planning tests: a term, its rules, a school with two classes, a committee of three, and browsers."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from schools.care.models import Condition, Room
from schools.committee import actions as committee
from schools.committee.models import Choice, Office
from schools.people.models import Guardian
from schools.planning import consultation_actions, drafting
from schools.planning.drafting import NewActivity, Terms
from schools.planning.models import ActivityKind, CostKind, FeeUnit, Wish
from tenants.context import in_school
from tenants.policies import ready
from tests import makers

NOW = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
CLOSES = NOW + timedelta(days=3)
AFTER = CLOSES + timedelta(hours=1)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def rooms_in_use() -> list[tuple[UUID, str, int]]:
    """Stands in for schools.care.room_queries.rooms_in_use."""
    rows = Room.objects.exclude(condition=Condition.CLOSED).order_by("name", "pk")
    return [(room.pk, room.name, room.places) for room in rows]


def a_city(**changed) -> None:
    """The term and the rules: Haikou's (3.00 a class hour, the school collects) unless changed. Outside a school."""
    makers.a_term()
    document = ready.document("haikou") | changed
    makers.a_policy(document)


def browser(school, user) -> Client:
    """A browser in which this user is logged in. Inside or outside the school."""
    client = Client(SERVER_NAME=f"s{school.code}.localhost")
    with in_school(school):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = BACKEND
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def a_parent(*pupils, **more) -> Guardian:
    """With an account."""
    user = makers.a_user("guardian", name="李强")
    return makers.a_guardian(*pupils, user=user, **more)


def a_seated_committee(members: int = 3) -> list[Guardian]:
    """A chair and members, seated by the clerk through the action, so that they hold their roles."""
    clerk = makers.a_user("clerk")
    school_committee = makers.a_committee()
    seated = []
    for number in range(members):
        parent = a_parent(makers.a_pupil())
        committee.appoint_seat(
            committee=school_committee, guardian=parent, office=Office.CHAIR if number == 0 else Office.MEMBER,
            from_date=makers.FIRST, until_date=date(2027, 8, 31), by=clerk, now=NOW,
        )  # fmt: skip
        parent.user.forget_rights()
        seated.append(parent)
    return seated


def a_closed_consultation(clerk, *, yes: int = 2, no: int = 1, grade: int = 3):
    """Through the actions: children of one grade whose parents answered; closed when all had."""
    school_class = makers.a_class(grade=grade)
    pupils = [makers.a_pupil(school_class=school_class) for _n in range(yes + no)]
    parents = [a_parent(pupil) for pupil in pupils]
    asked = consultation_actions.draft_consultation(
        term_code=makers.TERM,
        title="课后服务意愿征询",
        text="请您选择。",
        closes_at=CLOSES,
        by=clerk,
        now=NOW,
    )
    consultation_actions.open_consultation(consultation=asked, by=clerk, now=NOW)
    for number, (pupil, parent) in enumerate(zip(pupils, parents, strict=True)):
        wish = Wish.YES if number < yes else Wish.NO
        consultation_actions.answer(consultation=asked, pupil=pupil, wish=wish, by=parent.user, now=NOW)
    consultation_actions.close_consultation(consultation=asked, by=clerk, now=AFTER)
    asked.refresh_from_db()
    return asked


def terms(**more) -> Terms:
    given = {
        "name": "课后服务方案", "first_date": makers.FIRST, "last_date": makers.LAST, "fee_unit": FeeUnit.CLASS_HOUR,
        "fee": 300,         "expected_participants": 100, **more,
    }  # fmt: skip
    return Terms(**given)


def an_activity(**more) -> NewActivity:
    given = {
        "title": "作业辅导", "kind": ActivityKind.HOMEWORK, "weekday": 1, "starts": time(16, 0), "ends": time(17, 20),
        "grade_from": 3, "grade_to": 3, "capacity": 40,
        **more,
    }  # fmt: skip
    given.setdefault("room_id", (Room.objects.first() or makers.a_room()).pk)
    return NewActivity(**given)


def a_whole_draft(school, clerk, consultation=None, *, plan=None):
    """A plan that could be voted on."""
    if plan is None:
        asked = consultation or a_closed_consultation(clerk)
        plan = drafting.draft_plan(consultation=asked, terms=terms(), school=school, by=clerk, now=AFTER)
    drafting.add_activity(plan=plan, new=an_activity(), school=school, by=clerk, now=AFTER)
    drafting.add_cost_line(
        plan=plan,
        kind=CostKind.STAFF,
        title="服务教师课时费",
        amount=5_000_000,
        school=school,
        by=clerk,
        now=AFTER,
    )
    return plan


def carried(resolution, parents, *, now=AFTER):
    """All vote yes, the chair counts."""
    for parent in parents:
        committee.vote(resolution=resolution, choice=Choice.YES, by=parent.user, now=now)
    return committee.close_resolution(resolution=resolution, by=parents[0].user, now=now)
