"""The same facts give the same sum in whatever order people write them down, under every ready profile (S36, S37).

One family has paid September and October of 2026 (or the term), was away most of a month, had lessons cancelled. A waiver,
the calculation of absences, an exit, an early end of the service come in each order; what the family then owes for the term,
after everything that the settlement would take off, is the same. To the fen less what each calculation rounds by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from schools.care.models import RollEntry, Session
from schools.enrolment.models import Agreement
from schools.finance import actions, families, gathering, rules
from schools.planning.models import Plan
from tenants.context import in_school
from tenants.policies import ready
from tenants.policies.documents import SettlementKey
from tests import makers
from tests.breadth import todays
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_refunds import cancels
from tests.undone import undone

OCTOBER = NOON.replace(month=10, day=16)
AFTER = date(2027, 1, 23)
SEPTEMBER = "2026-09"
FEES = {"longling": ("class_hour", 250), "haikou": ("class_hour", 300), "shandong": ("class_hour", 350)}
DEEDS = (
    ("absences", "waiver", "end"),
    ("absences", "waiver", "exit"),
    ("cancel", "waiver", "exit"),
    ("charge", "absences", "end"),
)
"""A waiver before a charge is carried on to it, and after it is not: not the same facts."""


@dataclass
class Life:
    """What deeds are done on."""

    them: stage.People
    plan: Plan
    family: Agreement
    later: list[Any]
    """Lessons of the week after the deeds."""
    labels: tuple[str, ...]
    reason: str
    is_by_percent: bool
    now: datetime = OCTOBER

    def charge(self) -> None:
        for label in self.labels[1:]:
            actions.charge_period(plan=self.plan, period=label, by=self.them.clerk, now=self.now)

    def absences(self) -> None:
        if self.labels[0] == SEPTEMBER:
            actions.refund_absences(plan=self.plan, period=SEPTEMBER, by=self.them.clerk, now=self.now)

    def waiver(self) -> None:
        if self.reason:
            first = self.family.charges.get(period=self.labels[0], taken_back_at=None)
            fen = None if self.is_by_percent else 3000
            stage.waives(first, self.them, self.reason, fen=fen, now=self.now)

    def exit(self) -> None:
        self.family.state, self.family.ended_at = "ended", self.now
        self.family.until_date = date(2026, 10, 9)
        self.family.save()
        actions.after_exit(agreement=self.family, by=None, now=self.now)

    def end(self) -> None:
        actions.end_service(plan=self.plan, reason="校舍维修，服务停止", by=self.them.principal, now=self.now)

    def cancel(self) -> None:
        cancels(*Session.objects.filter(pk__in=[lesson.pk for lesson in self.later]))

    def owes(self) -> int:
        found = families.ends(
            rules.term(makers.TERM), SettlementKey.PAID, AFTER, gathering.standings(makers.TERM)
        )
        return next(end.family.due for end in found if end.agreement_id == self.family.pk)


def begun(them: stage.People, profile: str) -> Life:
    """September, or the term, is charged, and 200.00 are paid."""
    unit, fee = FEES.get(profile, ("month", 7000))
    plan = makers.a_plan(fee_unit=unit, fee_fen=fee, collector="committee" if profile == "seed" else "school")
    activity = makers.an_activity(plan)
    held = stage.sessions(activity, date(2026, 9, 7), 28, state="closed")
    later = stage.sessions(activity, date(2026, 10, 19), 20)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    cancels(*held[1:4])
    for lesson in held:
        if date(2026, 9, 14) <= lesson.date <= date(2026, 9, 29):
            RollEntry.objects.create(session=lesson, agreement=family, pupil=family.pupil, state="absent")
    waivers = ready.document(profile)["waivers"]
    life = Life(
        them, plan, family, later[:4], (makers.TERM,) if profile == "haikou" else (SEPTEMBER, "2026-10"),
        waivers[0]["code"] if waivers else "", bool(waivers) and waivers[0]["reduction_percent"] is not None,
    )  # fmt: skip
    actions.charge_period(plan=plan, period=life.labels[0], by=them.clerk, now=NOON)
    stage.pays(family, 20000)
    return life


def lived(life: Life, order: Sequence[str]) -> int:
    """What the family owes after these deeds; October is charged before them where its charge is none of them."""
    with undone():
        now = OCTOBER
        for deed in order if "charge" in order else ("charge", *order):
            now += timedelta(minutes=1)
            family = Agreement.objects.select_related("plan").get(pk=life.family.pk)
            getattr(replace(life, plan=family.plan, family=family, now=now), deed)()
        return life.owes()


@pytest.mark.parametrize("profile", ready.codes())
def test_the_same_facts_give_the_same_sum_in_every_order(north, profile):
    stage.the_term(profile)
    with in_school(north):
        life = begun(stage.people(), profile)
        for deeds in todays(DEEDS, parts=2, shift=ready.codes().index(profile)):
            turns = [deeds[n:] + deeds[:n] for n in range(len(deeds))]  # each pair of them both ways round
            sums = {order: lived(life, order) for order in turns}
            assert max(sums.values()) - min(sums.values()) <= 1, (deeds, sums)
