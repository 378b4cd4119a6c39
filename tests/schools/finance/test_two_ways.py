"""A term lived in two ways that must cost the same: hours late or in time, a run taken back, a waiver early or late."""

import os
import random
from datetime import date, timedelta

import pytest

from schools.care.models import RollEntry, Session
from schools.finance import actions, gathering, promises
from schools.finance.models import Share, Waiver
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import at, leaves
from tests.undone import undone

FIRST, LAST = date(2026, 9, 1), date(2027, 1, 22)
MONTHS = ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]
HOUR = timedelta(hours=1)
CAP = {"caps": [{"per": "month", "fen": 3300, "meaning": "ceiling"}]}
TERM_CAP = {"caps": [{"per": "term", "fen": 12000, "meaning": "ceiling"}]}


def own(kind, **more):
    return {"refund": {"kind": kind, **more}}


CONT = own("continuous_months", month="calendar", half_month_returns_half=True)
ANY = own("continuous_months", month="any_day", half_month_returns_half=True)
PER_DAY = {"refund": {"kind": "per_day", "amounts": [{"fen": 336}], "whole_month_returns_fee": True}}
CASES = {
    "ezhou": ("ezhou", "month", 7000, "month", {}),
    "haikou": ("haikou", "class_hour", 300, "term", {}),
    "longling-term": ("longling", "class_hour", 250, "term", {}),
    "longling-month": ("longling", "class_hour", 250, "month", {}),
    "national-hour-month": ("national-2024", "class_hour", 283, "month", {}),
    "shandong": ("shandong", "class_hour", 300, "term", {}),
    "wuhan": ("wuhan", "month", 13000, "month", {}),
    "wuhan-term": ("wuhan", "month", 13000, "term", {}),
    "wuzhou": ("wuzhou", "month", 12000, "month", {}),
    "own-hours": ("national-2024", "class_hour", 283, "month", own("class_hours")),
    "own-hours-cap": ("national-2024", "class_hour", 283, "month", {**own("class_hours"), **CAP}),
    "own-days-cap": ("national-2024", "class_hour", 283, "term", {**own("remaining_days"), **CAP}),
    "own-days-term-cap": ("national-2024", "class_hour", 283, "month", {**own("remaining_days"), **TERM_CAP}),
    "own-hours-term-cap": ("national-2024", "class_hour", 283, "term", {**own("class_hours"), **TERM_CAP}),
    "own-divided": ("national-2024", "class_hour", 283, "month", own("month_divided", divisor="20.83")),
    "own-any": ("national-2024", "class_hour", 283, "month", ANY),
    "own-calendar": ("national-2024", "class_hour", 283, "term", CONT),
}
WAYS = {
    "ezhou": ["taken_back", "waived_twice", "waived_late"],
    "wuhan": ["taken_back", "waived_twice", "waived_late"],
    "wuhan-term": ["taken_back", "waived_twice", "waived_late"],
    "wuzhou": ["taken_back", "waived_twice", "waived_late"],
}
ALL = ["late", "late_lessons", "taken_back", "late_taken_back", "waived_twice", "waived_late"]


class Way:
    def __init__(self, case, seed, way):
        self.profile, self.unit, self.fee, self.cycle, _more = case
        self.way, dice = way, random.Random(f"{case}{seed}")
        self.them = stage.people()
        self.plan = makers.a_plan(fee_unit=self.unit, fee_fen=self.fee)
        self.activities = [makers.an_activity(self.plan, title=str(n), weekday=n + 1) for n in range(2)]
        self.sessions = []  # row, cancelled on or None
        is_late_made = dice.random() < 0.5
        for n, activity in enumerate(self.activities):
            weekdays = dice.sample([1, 2, 3, 4, 5], dice.choice([1, 1, 2]))
            day = FIRST
            while day <= LAST:
                if day.isoweekday() in weekdays and dice.random() < 0.95:
                    gone = (
                        dice.choice([max(FIRST, day - timedelta(days=20)), day])
                        if dice.random() < 0.15
                        else None
                    )
                    row = makers.a_session(activity, day=day, planned_units=dice.choice([1, 2]))
                    late = n == 1 and is_late_made
                    self.sessions.append([row, gone, n, late])
                day += timedelta(days=1)
        self.children = []
        for _n in range(3):
            first = dice.choice([FIRST, FIRST, date(2026, 9, 16), date(2026, 11, 12)])
            row = makers.an_agreement(plan=self.plan, from_date=first, school_signed_by=self.them.principal)
            leaves_on = first + timedelta(days=dice.randrange(1, 70)) if dice.random() < 0.5 else None
            from_second = dice.choice([first, first + timedelta(days=dice.randrange(0, 40))])
            has = dice.choice([(0, 1), (0, 1), (0,), (1,)])
            p = dice.choice([0, 0.1, 0.6, 1])
            away = {s[0].pk for s in self.sessions if dice.random() < p}
            share = dice.choice([0, 0, 50, 33])
            self.children.append({
                "row": row, "first": first, "leaves_on": leaves_on, "second": from_second, "has": has, "away": away,
                "share": share, "left": None, "is_late": dice.random() < 0.7,
            })  # fmt: skip
        self.absent = dice.random() < 0.8

    def live(self):  # noqa: C901  (one life)
        for child in self.children:
            for n in child["has"]:
                waits = (
                    self.way in ("late", "late_taken_back")
                    and child["is_late"]
                    and n == 1
                    and len(child["has"]) == 2
                )
                if not waits:
                    self.place(child, n, at(8, 20))
        if self.way == "late_lessons":
            late = [s[0].pk for s in self.sessions if s[3]]
            Session.objects.filter(pk__in=late).update(made_at=at(9, 1) + 2 * HOUR)
        if self.cycle == "term":
            self.run(makers.TERM, at(9, 1))
        today = FIRST
        while today <= LAST:
            now = at(9, 1).replace(year=today.year, month=today.month, day=today.day)
            if today.day == 1 and self.absent and today.month != 9:
                self.absences(f"{today - timedelta(days=1):%Y-%m}", now)
            if today.day == 1 and self.cycle == "month":
                self.run(f"{today:%Y-%m}", now)
            for each in self.sessions:
                row, gone, n, _late = each
                if gone == today:
                    Session.objects.filter(pk=row.pk).update(state="cancelled", cancel_reason="台风")
            for row, gone, n, _late in self.sessions:
                if row.date != today or gone:
                    continue
                Session.objects.filter(pk=row.pk).update(state="closed", closed_at=now)
                for child in self.children:
                    first = child["first"] if n == 0 or len(child["has"]) == 1 else child["second"]
                    if n in child["has"] and first <= today <= (child["left"] or LAST):
                        there = {"state": "absent"} if row.pk in child["away"] else {
                            "state": "left", "arrived_at": row.starts_at, "left_at": row.ends_at
                        }  # fmt: skip
                        RollEntry.objects.create(
                            session=row, agreement=child["row"], pupil=child["row"].pupil, **there
                        )
            for child in self.children:
                if child["leaves_on"] == today:
                    child["left"] = today
                    leaves(child["row"], today, now + 8 * HOUR)
            today += timedelta(days=1)
        if self.cycle == "term" and self.absent:
            self.absences(makers.TERM, stage.OVER)
        elif self.absent:
            self.absences("2027-01", stage.OVER)

    def place(self, child, n, when):
        first = child["first"] if n == 0 or len(child["has"]) == 1 else child["second"]
        makers.a_place(child["row"], self.activities[n], placed_from=first, placed_at=when)

    def run(self, period, now):
        month = None if period == makers.TERM else period
        days = [s[0].date for s in self.sessions if (month is None or f"{s[0].date:%Y-%m}" == month)]
        some = [c for c in self.children if (c["left"] is None or f"{c['left']:%Y-%m}" >= (month or "")) and
                f"{c['first']:%Y-%m}" <= (month or "9999")]  # fmt: skip
        if not days or not some:
            return
        done = self.charge(period, now)
        if self.way == "taken_back":
            actions.take_back(run=done, reason="点错了", by=self.them.clerk, now=now + HOUR)
            self.charge(period, now + 2 * HOUR)
        is_first = period == makers.TERM or period == "2026-09"
        if self.way in ("late", "late_taken_back") and is_first:
            for child in self.children:
                if child["is_late"] and len(child["has"]) == 2 and child["left"] is None:
                    self.place(child, 1, now + 2 * HOUR)
        if self.way in ("late", "late_taken_back", "late_lessons"):
            more = self.again(period, now + 3 * HOUR)
            if more and self.way == "late_taken_back":
                actions.take_back(run=more, reason="点错了", by=self.them.clerk, now=now + 4 * HOUR)
                self.again(period, now + 5 * HOUR)
        if self.way != "waived_late":
            self.waive(period, now + 6 * HOUR)
        self.pay(now + 7 * HOUR)

    def again(self, period, now):
        try:
            return self.charge(period, now)
        except actions.charges.AlreadyCharged:
            return None

    def charge(self, period, now):
        return actions.charge_period(plan=self.plan, period=period, by=self.them.clerk, now=now)

    def waive(self, period, now):
        for child in self.children:
            row = child["row"].charges.filter(period=period, taken_back_at=None).first()
            had = child["row"].charges.filter(taken_back_at=None, waived_fen__gt=0).exists()
            fen = row and row.gross_fen * child["share"] // 100
            if not row or had or not fen:
                continue
            if Waiver.objects.filter(charge__agreement=child["row"], state="granted").exists():
                continue
            given = self.grant(row, fen, now)
            if self.way == "waived_twice":
                actions.withdraw_waiver(
                    waiver=given,
                    reason="证明拿错了",
                    by=makers.a_user("deputy"),
                    now=now + timedelta(minutes=5),
                )
                row.refresh_from_db()
                self.grant(row, fen, now + timedelta(minutes=9))

    def grant(self, row, fen, now):
        if self.profile in ("ezhou", "longling", "shandong"):
            return stage.waives(row, self.them, "poor" if self.profile == "ezhou" else "hardship", now=now)
        return stage.waives(row, self.them, fen=fen, now=now)

    def pay(self, now):
        standings = gathering.standings(makers.TERM)
        for child in self.children:
            standing = standings.get(child["row"].pk)
            if standing and standing.due > standing.net_paid:
                stage.pays(child["row"], standing.due - standing.net_paid, at=now)

    def absences(self, period, now):
        if Session.objects.filter(activity__plan=self.plan).exists():
            actions.refund_absences(plan=self.plan, period=period, by=self.them.clerk, now=now)

    def ends(self):
        stage.closes_the_term(self.them)
        row = actions.preview_settlement(
            term_code=makers.TERM, by=self.them.clerk, now=stage.OVER, pay_note="余下报酬由财政承担"
        )
        shares = dict(Share.objects.filter(settlement=row).values_list("agreement", "credit_fen"))
        standings = gathering.standings(makers.TERM)
        assert promises.broken_promise() is None
        return [
            standings[c["row"].pk].due - shares[c["row"].pk] if c["row"].pk in standings else 0
            for c in self.children
        ]


def lived(case, seed, way):
    with undone():
        term = Way(case, seed, way)
        term.live()
        said = [
            (str(c["first"]), str(c["leaves_on"]), str(c["second"]), c["has"], c["is_late"], c["share"])
            for c in term.children
        ]
        return term.ends(), said


@pytest.mark.parametrize("name", CASES)
def test_two_ways(north, name):
    case = CASES[name]
    stage.the_term(case[0], **case[4])
    wrong = []
    with in_school(north):
        start = int(os.environ.get("FROM", "0"))
        for seed in range(start, start + int(os.environ.get("SEEDS", "1"))):
            usual, said = lived(case, seed, "")
            for way in os.environ.get("WAYS", "").split() or WAYS.get(name, ALL):
                if way == "waived_late":
                    continue
                found, _said = lived(case, seed, way)
                if found != usual:
                    wrong.append((seed, way, usual, found, said))
    assert wrong == [], "\n".join(map(str, wrong))
