"""Stage of the random books: one school under one ready profile, its people, a short term with lessons, and children.

The term is of nine weeks, 7 September to 13 November: three months of books, the first and the last of them cut off.
Reading on Mondays has places for all, football on Thursdays for three: the fourth child waits, for football or for both.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from afterbell.accounts.models import User
from schools.care.models import Session
from schools.people.models import Guardian, Pupil
from schools.planning.models import Activity, FeeUnit, Plan
from tenants.context import in_school
from tenants.models import School
from tenants.policies import ready
from tests import makers
from tests.schools.finance import stage

TERM: Final = makers.TERM
FIRST, LAST = date(2026, 9, 7), date(2026, 11, 13)
BEGINS: Final = datetime(2026, 9, 2, 1, 0, tzinfo=UTC)
"""Before the term: an exit on this day is of an agreement that never began."""
OVER: Final = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
"""The Monday after it."""
EARLY: Final = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
"""The last month of a service that ended in October is over."""
MONTHS: Final = ("2026-09", "2026-10", "2026-11")
PERIODS: Final = (*MONTHS, TERM)
FEES: Final = {FeeUnit.MONTH: 6999, FeeUnit.TERM: 25001, FeeUnit.CLASS_HOUR: 283}
"""Fen of a unit, odd so that something is left to be rounded. Under the caps of all profiles but for a term's, and for
Longling's of the class hour: that came below the fee after the plan was agreed."""
CHILDREN: Final = 4


@dataclass
class Stage:
    """Rows that no deed of the books makes."""

    school: School
    profile: dict[str, Any]
    people: dict[str, User] = field(default_factory=dict)
    children: list[Pupil] = field(default_factory=list)
    guardians: list[Guardian] = field(default_factory=list)
    parents: list[User] = field(default_factory=list)
    plan: Plan = None  # type: ignore[assignment]  # at once, by build
    activities: list[Activity] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    @property
    def units(self) -> list[FeeUnit]:
        return [FeeUnit(unit) for unit in self.profile["billing"]["units"]]

    @property
    def asks(self) -> str:
        """Who prepares money for the profile's collector, and who approves it."""
        return "treasurer" if self.profile["collector"] == "committee" else "clerk"

    @property
    def approves(self) -> str:
        return "chair" if self.profile["collector"] == "committee" else "principal"


def build(school: School, profile: str) -> Stage:
    """Below the actions, as makers has it. Call it outside of the school."""
    found = Stage(school, ready.document(profile))
    makers.a_term(first_date=FIRST, last_date=LAST)
    makers.a_policy(found.profile)
    with in_school(school):
        _people(found)
        unit = found.units[0]
        found.plan = makers.a_plan(
            fee_unit=unit, fee_fen=FEES[unit], first_date=FIRST, last_date=LAST, collector=found.profile["collector"]
        )  # fmt: skip
        _lessons(found)
        _children(found)
    return found


def _people(found: Stage) -> None:
    them = stage.people()
    found.people = {
        "treasurer": them.treasurer,
        "chair": them.chair,
        "principal": them.principal,
        "clerk": them.clerk,
        "deputy": makers.a_user("deputy", name="许副校长"),
        "teacher": makers.a_user("care_staff", name="陈静"),
    }


def _lessons(found: Stage) -> None:
    """Hours enough that a cap of the term binds, where the profile has one."""
    many = any(cap["per"] == "term" for cap in found.profile["caps"])
    found.activities = [
        makers.an_activity(found.plan, title="阅读", weekday=1),
        makers.an_activity(found.plan, title="足球", weekday=4, starts=time(16, 30), ends=time(17, 30), capacity=3),
    ]  # fmt: skip
    contract = makers.a_contract(user=found.people["teacher"], pay_fen=300)
    for activity, units in zip(found.activities, (9, 12) if many else (2, 3), strict=True):
        day = FIRST + timedelta(days=activity.weekday - FIRST.isoweekday())
        while day <= LAST:
            found.sessions.append(makers.a_session(activity, day=day, contract=contract, planned_units=units))
            day += timedelta(days=7)
    found.sessions.sort(key=lambda session: session.date)


def _children(found: Stage) -> None:
    """The first one's other parent keeps the committee's books."""
    school_class = makers.a_class()
    for number in range(CHILDREN):
        child = makers.a_pupil(school_class=school_class, name=f"孩子{number}")
        parent = makers.a_user("guardian", name=f"家长{number}")
        found.children.append(child)
        found.parents.append(parent)
        found.guardians.append(makers.a_guardian(child, user=parent))
        found.people[f"parent{number}"] = parent
    makers.a_tie(Guardian.objects.get(user=found.people["treasurer"]), found.children[0])
