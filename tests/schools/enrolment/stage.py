"""People and things of enrolment's tests: a plan with activities, a family, the two reviewers, browsers."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone

from afterbell.accounts.models import User
from schools.enrolment import actions, signing, wording
from schools.enrolment.models import Application, Placing, Side
from schools.enrolment.wording import Wanted
from schools.people.models import Guardian, Pupil
from schools.planning.models import Activity, Plan
from tenants.context import in_school
from tests import makers

DRAWN = "M 40 120 L 200 60 L 380 160 M 420 40 L 430 200"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DEVICE = "d" * 64


@dataclass
class Family:
    """A child, an adult who may sign, and the adult's login."""

    pupil: Pupil
    guardian: Guardian
    user: User


def now():
    return timezone.now()


def a_running_plan(**more) -> Plan:
    """Published, in the middle of its term whenever the test runs."""
    today = timezone.localdate()
    given = {"first_date": today - timedelta(days=30), "last_date": today + timedelta(days=60), **more}
    return makers.a_plan(**given)


def a_family(name: str = "李小明", *, grade: int = 1, **more) -> Family:
    pupil = makers.a_pupil(name=name, school_class=makers.a_class(grade=grade), **more)
    user = makers.a_user("guardian", name="李强")
    guardian = makers.a_guardian(pupil, user=user)
    return Family(pupil, guardian, user)


def reviewers() -> tuple[User, User]:
    """The principal and the committee's chair."""
    return makers.a_user("principal", name="陈校长"), makers.a_user("committee_chair", name="周主任")


def applied(
    school,
    family: Family,
    *activities: Activity,
    by: User | None = None,
    at=None,
    alone=False,
    signature=None,
    placing=Placing.ALL,
    **more,
) -> Application:
    """An application as the guardian's own deed."""
    plan = more.pop("plan", None) or activities[0].plan
    wanted = Wanted(school, plan, family.pupil, family.guardian, tuple(activities), alone, placing)
    given = {"read_sha256": wording.texts(wanted).sha256, "device": DEVICE, **more}
    return actions.submit_application(
        school=school,
        plan=plan,
        pupil=family.pupil,
        activities=activities,
        goes_home_alone=alone,
        placing=placing,
        signature=signature or signing.drawn(DRAWN),
        by=by or family.user,
        now=at or now(),
        **given,
    )


def approved(application: Application, sides, at=None) -> Application:
    """By the school and then by the committee."""
    principal, chair = sides
    row = application
    for side, by in ((Side.SCHOOL, principal), (Side.COMMITTEE, chair)):
        row = actions.review(application=application, side=side, is_approval=True, by=by, now=at or now())
    return row


def host_of(school) -> str:
    return f"s{school.code}.localhost"


def browser(school, user: User) -> Client:
    """A browser in which this user is logged in at the school."""
    client = Client(SERVER_NAME=host_of(school))
    with in_school(school):
        session = SessionStore()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def text(answer) -> str:
    return answer.content.decode()
