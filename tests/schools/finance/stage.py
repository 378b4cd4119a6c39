"""Stage of the tests of money: a term with its policy, a plan with families, and the people who may act."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from afterbell.accounts.models import User
from afterbell.kernel.money import Fen
from schools.committee.models import Committee, Office
from schools.enrolment.models import Agreement
from schools.finance import actions, queries
from schools.finance.models import Charge, Expenditure, Statement, Waiver
from schools.finance.spending import BY_PAY_SHEET, Payee
from schools.planning.models import Activity, FeeUnit, Plan
from schools.staffing.models import Contract
from tenants.context import in_school
from tenants.policies import ready
from tests import makers
from tests.accounts.makers import browser, host_of
from tests.city import NOON

NEXT = datetime(2026, 10, 2, 1, 0, tzinfo=UTC)
"""The morning after September is over."""
OVER = datetime(2027, 1, 23, 4, 0, tzinfo=UTC)
"""The day after the term's last one."""


@dataclass
class People:
    """Alice asks and books, Bob approves, Carol decides for the school."""

    treasurer: User
    chair: User
    principal: User
    clerk: User


def rules(profile: str = "national-2024", **changes: Any) -> dict[str, Any]:
    """A ready profile's document, changed."""
    return {**ready.document(profile), **changes}


def the_term(profile: str = "national-2024", **changes: Any) -> None:
    """Public rows: call it outside a school."""
    makers.a_term()
    makers.a_policy(rules(profile, **changes))


def people() -> People:
    """The committee's two are seated in it; the school's two are in its office."""
    them = People(
        makers.a_user("treasurer", name="周会计"),
        makers.a_user("committee_chair", name="吴主任"),
        makers.a_user("principal", name="郑校长"),
        makers.a_user("clerk", name="孙老师"),
    )
    committee = Committee.objects.filter(level="school").first() or makers.a_committee()
    makers.a_seat(
        committee, Office.TREASURER, guardian=makers.a_guardian(makers.a_pupil(), user=them.treasurer)
    )
    makers.a_seat(committee, Office.CHAIR, guardian=makers.a_guardian(makers.a_pupil(), user=them.chair))
    return them


def closes_the_term(them: People, now: datetime = OVER) -> None:
    """Every month of the term is closed, the last one because the service is over."""
    closed = set(Statement.objects.filter(term_code=makers.TERM).values_list("month", flat=True))
    for month in ("2026-09", "2026-10", "2026-11", "2026-12", "2027-01"):
        if month not in closed:
            actions.close_month(term_code=makers.TERM, month=month, by=them.treasurer, now=now)


def monthly_plan(fen: int = 13000, **more: Any) -> Plan:
    return makers.a_plan(**{"fee_unit": FeeUnit.MONTH, "fee_fen": fen, **more})


def a_family(plan: Plan, *activities: Activity, **more: Any) -> Agreement:
    """An agreement, with a place in each of these activities."""
    agreement = makers.an_agreement(plan=plan, **more)
    for activity in activities:
        makers.a_place(agreement, activity)
    return agreement


def sessions(
    activity: Activity, first: date, count: int, *, units: int = 2, state: str = "planned"
) -> list[Any]:
    """One session a school day from the first on, weekends left out."""
    made, day = [], first
    while len(made) < count:
        if day.isoweekday() <= 5:
            extra: dict[str, Any] = {"state": state}
            if state == "closed":
                extra["closed_at"] = NOON
            if state == "cancelled":
                extra["cancel_reason"] = "台风"
            made.append(makers.a_session(activity, day=day, planned_units=units, **extra))
        day += timedelta(days=1)
    return made


def pays(
    agreement: Agreement, fen: int, *, key: str = "", at: datetime = NOON, by: User | None = None
) -> Any:
    return actions.record_payment(
        agreement=agreement,
        amount=Fen(fen),
        provider_key=key or f"wx-{makers.number()}",
        paid_at=at,
        by=by,
        now=at,
        seen_owed=None if by is None else queries.owed_by(agreement),
    )


SHOP = Payee("supplier", "晨光文具店")
"""Sells goods."""


def somebody_is_hired() -> Contract:
    """Pay is for hired people: one of them, made once."""
    return Contract.objects.first() or makers.a_contract()


def asks(fen: int, them: People, *, kind: str = "staff", now: datetime = NOON, **more: Any) -> Expenditure:
    """Money for work by the pay sheet, or for goods of a shop; any field can be another."""
    somebody_is_hired()
    item, payee = ("teaching_pay", BY_PAY_SHEET) if kind == "staff" else ("activity_goods", SHOP)
    given = {
        "term_code": makers.TERM, "item": item, "title": "服务人员报酬", "amount": Fen(fen), "payee": payee,
        "spent_date": now.date(), "by": them.treasurer, "now": now, **more,
    }  # fmt: skip
    return actions.request_expenditure(**given)


def spends(
    fen: int, them: People, *, kind: str = "staff", title: str = "服务人员报酬", now: datetime = NOON
) -> Expenditure:
    asked = asks(fen, them, kind=kind, title=title, now=now)
    return actions.approve_expenditure(expenditure=asked, by=them.principal, now=now)


def waives(
    charge: Charge, them: People, reason: str = "hardship", *, fen: int | None = None, now: datetime = NOON
) -> Waiver:
    """Asked for by the clerk with a proof, granted by the principal."""
    asked = actions.request_waiver(
        charge=charge,
        reason=reason,
        proof="低保证 2026-118",
        amount=None if fen is None else Fen(fen),
        by=them.clerk,
        now=now,
    )
    return actions.grant_waiver(waiver=asked, by=them.principal, now=now)


def logged_in(school: Any, user: User) -> Client:
    """A browser in which this user has logged in: the session lies in the school's own schema."""
    client = browser(host_of(school))
    with in_school(school):
        session = SessionStore()
        session.update(
            {
                SESSION_KEY: str(user.pk),
                BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
                HASH_SESSION_KEY: user.get_session_auth_hash(),
            }
        )
        session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client
