"""Days of care in a school that goes through the actions: each session's roll and handover as a phone sends them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from afterbell.accounts.models import User
from infra.demo import names, words
from infra.demo.folk import Officials
from infra.demo.times import Times
from schools.care import operations
from schools.care.models import DutyRole, Session
from schools.care.states import SessionState
from schools.enrolment import holders
from schools.enrolment.models import ChosenActivity
from schools.people.models import Tie
from schools.planning.models import Plan
from tenants.models import School
from tenants.policies.documents import Policy


@dataclass(frozen=True)
class Walk:
    """One term of one school, with those who act in it."""

    times: Times
    school: School
    who: Officials
    policy: Policy
    index: int


BEFORE, AFTER = timedelta(minutes=6), timedelta(minutes=14)


class Refused(RuntimeError):
    """The gate said no to something that the demo does: the demo is wrong."""


def hold(plan: Plan, times: Times, *, first: datetime, until: datetime) -> int:
    """Every session that begins and is over between the two moments; gives how many."""
    sessions = Session.objects.filter(
        activity__plan=plan, state=SessionState.PLANNED, starts_at__gte=first, ends_at__lte=until - AFTER
    )
    found = list(sessions.select_related("activity").order_by("starts_at", "room__name"))
    for session in found:
        _hold(session, times)
    return len(found)


def _hold(session: Session, times: Times) -> None:
    chance = Random(f"{names.SEED}:{times.code}:{session.date}:{session.activity.grade_from}")
    children = _expected(session)
    collectors = _collectors([pupil for pupil, _alone in children])
    said: list[dict[str, Any]] = [_item("open", session, session.starts_at - BEFORE)]
    for pupil, alone in children:
        came = session.starts_at - timedelta(seconds=chance.randrange(300))
        luck = chance.random()
        if luck < 0.06:
            said.append(_item("excused" if luck < 0.03 else "absent", session, came, pupil=str(pupil)))
            continue
        left = session.ends_at + timedelta(seconds=chance.randrange(-200, 700))
        said.append(_item("present", session, came, pupil=str(pupil)))
        if alone:
            said.append(_item("alone", session, left, pupil=str(pupil)))
        else:
            adult = chance.choice(collectors[pupil])
            said.append(_item("handover", session, left, pupil=str(pupil), collector=str(adult)))
    note = chance.choice(words.NOTES)
    said.append(_item("close", session, session.ends_at + AFTER, note=note))
    _send(said, chance, by=_teacher(session), now=session.ends_at + AFTER)


def _send(said: list[dict[str, Any]], chance: Random, *, by: User, now: datetime) -> None:
    sent = [
        operations.read(item, operation_id=UUID(int=chance.getrandbits(128), version=4), now=now)
        for item in said
    ]
    for answer in operations.apply(sent=sent, by=by, now=now):
        if answer.result != operations.APPLIED:
            raise Refused(f"{answer.code} {answer.reason}")


def _item(kind: str, session: Session, at: datetime, **more: str) -> dict[str, Any]:
    return {"kind": kind, "session": str(session.pk), "at": at.isoformat(), **more}


def _expected(session: Session) -> list[tuple[UUID, bool]]:
    rows = ChosenActivity.objects.filter(
        holders.on(session.date), activity=session.activity, holds_place=True
    )
    return list(
        rows.order_by("application__pupil__number").values_list(
            "application__pupil", "application__agreement__goes_home_alone"
        )
    )


def _collectors(pupils: list[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    ties = Tie.objects.filter(pupil__in=pupils, may_collect=True, is_denied=False, ended_at=None)
    for pupil, adult in ties.order_by("guardian__phone").values_list("pupil", "guardian"):
        found.setdefault(pupil, []).append(adult)
    return found


def _teacher(session: Session) -> User:
    duty = session.duties.select_related("clearance__contract__candidate__user").get(
        role=DutyRole.RESPONSIBLE
    )
    user = duty.clearance.contract.candidate.user
    if user is None:
        raise RuntimeError("whoever is hired has an account")
    return user
