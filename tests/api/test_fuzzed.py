"""Both APIs answer as they are described, whatever is sent by whomever: 0 failures of schemathesis (issue 9, point 26)."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from afterbell.accounts.roles import Role
from afterbell.kernel.ids import uuid7
from afterbell.tokens.limits import PerToken
from oversight.redlines import actions as redlines
from schools.committee.models import Subject
from schools.finance import actions as finance
from schools.finance import runs
from schools.notices import actions as notices
from schools.notices.models import NoticeKind
from schools.planning.states import ConsultationState
from schools.voice import complaint_actions, letters
from tenants.context import in_city, in_school
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import ComplaintKind
from tests import makers
from tests.accounts import makers as accounts
from tests.api.fuzzing import driven
from tests.city import NOON
from tests.exchange.test_filings import filed
from tests.oversight import makers as facts
from tests.oversight.hearings import stage as hearings
from tests.schools.finance import stage
from tests.schools.finance.stage import logged_in
from tests.schools.planning import stage as planning
from tests.schools.voice import stage as voice

AT_SCHOOL, AT_CITY = 5, 12
"""Examples of each of 86 and 18 operations and of each mode: some 25 ms of CPU a call, a minute in all."""


@pytest.fixture(autouse=True)
def unhurried(settings, monkeypatch):
    settings.SECOND_FACTOR = "optional"
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    monkeypatch.setattr(PerToken, "rate", "100000/min", raising=False)
    cache.clear()
    yield
    cache.clear()


def _ids(*labels: str) -> Iterable[UUID]:
    return [key for label in labels for key in apps.get_model(label).objects.values_list("pk", flat=True)[:4]]


def _everything(label: str) -> dict[str, Any]:
    """Ids of the rows of an app by the models' names as the API writes them: school_class, charge."""
    found = {}
    for model in apps.get_app_config(label).get_models():
        name = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in model.__name__).lstrip("_")
        found[name] = _ids(model._meta.label)
    return found


@pytest.fixture
def school(north):
    """A school at work, with a row of most kinds, and the people who ask."""
    stage.the_term()
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan()
        activity = makers.an_activity(plan)
        session = makers.a_session(activity, contract=makers.a_contract())
        parent = makers.a_user("guardian", name="李强")
        pupil = makers.a_pupil()
        guardian = makers.a_guardian(pupil, user=parent)
        agreement = stage.a_family(plan, activity, pupil=pupil, guardian=guardian)
        makers.a_roll_entry(session, agreement)
        finance.charge_period(
            plan=plan,
            period="2026-09",
            agreements=None,
            shown=runs.draft(plan, "2026-09").digest,
            by=them.treasurer,
            now=NOON,
        )
        stage.pays(agreement, 13000)
        stage.asks(5000, them)
        makers.a_consultation(term_code="2025-2026-2", state=ConsultationState.OPEN, closed_at=None)
        makers.a_passed_resolution(Subject.PLAN)
        notices.publish(
            to=[guardian, them.principal],
            kind=NoticeKind.LETTER,
            title="放学",
            body="请准时。",
            by=None,
            now=NOON,
        )
        complaint_actions.complain(
            school=north, key=uuid7(), wanted=Wanted(ComplaintKind.FEE, "收费不明"), by=parent, now=NOON
        )
        letter = letters.submit(
            school=north, key=uuid7(), wanted=Wanted(ComplaintKind.FORCED, "都要参加"), by=parent, now=NOON
        )
        voice.a_survey(2)
        users = {
            "office": them.clerk, "principal": them.principal, "chair": them.chair, "treasurer": them.treasurer,
            "guardian": parent, "class teacher": makers.a_user("class_teacher", scope=str(pupil.school_class_id)),
            "care staff": makers.a_user("care_staff"), "nobody": makers.a_user(name="无角色"),
        }  # fmt: skip
        pool: dict[str, Any] = {}
        for label in (
            "people",
            "committee",
            "planning",
            "enrolment",
            "staffing",
            "care",
            "finance",
            "voice",
            "notices",
        ):
            pool |= _everything(label)
        pool["complaint"] = [*pool["complaint"], str(letter.pk)]
        pool |= {"run": pool["charge_run"], "collector": pool["guardian"], "activities": pool["activity"]}
    return {who: logged_in(north, user) for who, user in users.items()}, pool


def test_the_schools_api_answers_as_it_is_described(school, north):
    people, pool = school
    stranger = {"stranger": accounts.browser(accounts.host_of(north))}
    found = driven(accounts.host_of(north), people | stranger, pool, examples=AT_SCHOOL)
    assert not found.failures, report(found.failures)
    assert {200, 201, 400, 401, 403, 404, 409} <= found.statuses.keys()


@pytest.fixture
def city(db, north, south):
    """A filing, alerts and figures, and the people who ask."""
    planning.a_city()
    filed(north)
    for school in (north, south):
        facts.a_known_school(school)
        facts.a_day_fact(school, date(2026, 9, 30), duties_without_clearance=2)
        facts.rolled()
        assert redlines.evaluate(school=school, terms={makers.TERM}, now=facts.LATER)
    with in_city():
        users = {
            "supervisor": accounts.a_user(role=Role.BUREAU_SUPERVISOR),
            "district": accounts.a_user(role=Role.BUREAU_SUPERVISOR, scope="330106"),
            "price": accounts.a_user(role=Role.PRICE_OFFICER),
            "administrator": accounts.a_user(role=Role.SYSTEM_ADMIN),
            "nobody": accounts.a_user(),
        }
        pool = {
            "alert": _ids("redlines.Alert"),
            "filing": _ids("exchange.Envelope"),
            "report": _ids("exchange.Envelope"),
            "complaint": [str(hearings.a_letter(north, at=facts.LATER).pk)],
        }
    return {who: accounts.logged_in(accounts.CITY, user.login) for who, user in users.items()}, pool


def test_the_citys_api_answers_as_it_is_described(city, program):
    people, pool = city
    others = {
        "stranger": Client(SERVER_NAME=accounts.CITY),
        "token": program(),
        "price token": program(Role.PRICE_OFFICER),
    }
    found = driven(accounts.CITY, people | others, pool, examples=AT_CITY)
    assert not found.failures, report(found.failures)
    assert {200, 400, 401, 403, 404} <= found.statuses.keys()


def report(failures: dict[str, str]) -> str:
    return "\n\n".join(f"### {name}\n{said}" for name, said in failures.items())
