"""Demo accounts: one of each role at the city and in the first three schools. These passwords exist in the demo only."""

from datetime import datetime
from typing import TypedDict

from django.conf import settings
from django.db import transaction

from afterbell.accounts import actions as accounts
from afterbell.accounts import queries
from afterbell.accounts.models import User
from afterbell.accounts.roles import BY_SEAT, Role
from infra.demo import names
from tenants import context
from tenants.models import School

PASSWORD = "Fangxuehou-2026"  # noqa: S105  (the demo's, printed at its start)
CITY = (
    ("supervisor", Role.BUREAU_SUPERVISOR, "", "市教育局督导员"),
    ("supervisor-hubin", Role.BUREAU_SUPERVISOR, "330102", "湖滨区督导员"),
    ("price", Role.PRICE_OFFICER, "", "市物价局专员"),
    ("system", Role.SYSTEM_ADMIN, "", "系统管理员"),
    ("security", Role.SECURITY_ADMIN, "", "安全管理员"),
    ("audit", Role.AUDIT_ADMIN, "", "审计管理员"),
)
SCHOOL = (
    ("principal", Role.PRINCIPAL),
    ("deputy", Role.DEPUTY),
    ("office", Role.CLERK),
    ("classteacher", Role.CLASS_TEACHER),
    ("care", Role.CARE_STAFF),
    ("chair", Role.COMMITTEE_CHAIR),
    ("treasurer", Role.TREASURER),
    ("member", Role.COMMITTEE_MEMBER),
)


PHONES = {"chair": ("138", 10), "treasurer": ("138", 11), "member": ("138", 12), "care": ("137", 2)}
"""Places in the roster (folk.SEATED_FROM) and in the team."""


class DemoAccount(TypedDict):
    """A line of .afterbell/demo.json."""

    host: str
    role: str
    login: str
    password: str


def of_city(now: datetime) -> list[DemoAccount]:
    with context.in_city(), transaction.atomic():
        return [
            _account(settings.CITY_HOST, login=login, role=role, scope=scope, name=name, phone=None, now=now)
            for login, role, scope, name in CITY
        ]


def of_school(school: School, index: int, now: datetime) -> list[DemoAccount]:
    host = f"s{school.code}.{settings.DOMAIN}"
    people = names.people(f"staff:{school.code}")
    with context.in_school(school), transaction.atomic():
        staff = [
            _account(
                host, login=login, role=role, scope="", name=next(people), phone=_phone(login, index), now=now
            )
            for login, role in SCHOOL
        ]
        phone = f"+86138{index:04d}0001"
        guardian = _account(
            host, login=phone[3:], role=Role.GUARDIAN, scope="", name=next(people), phone=phone, now=now
        )
    return [*staff, guardian]


def _phone(login: str, index: int) -> str | None:
    """Who sits on the committee is a parent of the roster, who cares is hired: known by their phones."""
    if login not in PHONES:
        return None
    first, number = PHONES[login]
    return f"+86{first}{index:04d}{number:04d}"


def _account(
    host: str, *, login: str, role: Role, scope: str, name: str, phone: str | None, now: datetime
) -> DemoAccount:
    is_there = queries.user_by_phone(phone) if phone else User.objects.filter(login=login).first()
    if not is_there:
        # A guardian has no login name: the phone is the name.
        user = accounts.create_user(
            login="" if role == Role.GUARDIAN else login,
            name=name,
            phone=phone,
            password=PASSWORD,
            by=None,
            now=now,
        )
        if role not in BY_SEAT:  # who sits on the committee gets it with the seat
            accounts.assign_role(user=user, role=role, scope=scope, by=None, now=now)
    return DemoAccount(host=host, role=role.value, login=login, password=PASSWORD)
