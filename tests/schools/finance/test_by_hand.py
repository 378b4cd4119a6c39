"""Small random terms under every ready profile, reckoned by hand beside the books: fee, refunds, settlement, to the fen.

Nothing of the product's rules is imported: the texts of the profiles are written out once more below.
"""

import os
import random
from datetime import date, timedelta
from fractions import Fraction
from math import floor

import pytest

from schools.care.models import RollEntry, Session
from schools.finance import actions, gathering, promises
from schools.finance.models import Share
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import at, leaves
from tests.undone import undone

FIRST, LAST = date(2026, 9, 1), date(2027, 1, 22)
MONTHS = ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]
CASES = [
    ("ezhou", "month", 7000, "month"),
    ("haikou", "class_hour", 300, "term"),
    ("longling", "class_hour", 250, "term"),
    ("longling", "class_hour", 250, "month"),
    ("national-2024", "month", 9111, "month"),
    ("national-2024", "month", 9111, "term"),
    ("national-2024", "term", 45001, "term"),
    ("national-2024", "class_hour", 283, "month"),
    ("seed", "month", 7000, "month"),
    ("seed", "term", 33333, "term"),
    ("shandong", "class_hour", 300, "month"),
    ("shandong", "class_hour", 300, "term"),
    ("wuhan", "month", 13000, "month"),
    ("wuhan", "month", 13000, "term"),
    ("wuzhou", "month", 12000, "month"),
]
WAIVER = {"ezhou": ("poor", 100), "longling": ("hardship", 100), "shandong": ("hardship", 100), "seed": None}


def half_up(exact):
    return floor(Fraction(exact) + Fraction(1, 2))


def label(day):
    return f"{day:%Y-%m}"


class Child:
    def __init__(self, agreement, first):
        self.agreement, self.first, self.left = agreement, first, None
        self.away, self.waived = set(), None
        self.charged = {}  # period -> [gross, waived, hours]
        self.given = {}  # month -> fen by absences


class Town:
    def __init__(self, case, seed):  # noqa: C901  (one life)
        self.profile, self.unit, self.fee, self.cycle = case
        self.chance = random.Random(f"{case}{seed}")
        self.them = stage.people()
        collector = "committee" if self.profile == "seed" else "school"
        self.plan = makers.a_plan(fee_unit=self.unit, fee_fen=self.fee, collector=collector)
        self.activity = makers.an_activity(self.plan)
        self.days = {}  # date -> [units, cancelled on or None]
        weekdays = self.chance.sample([1, 2, 3, 4, 5], self.chance.choice([1, 2, 3, 5]))
        day = FIRST
        while day <= LAST:
            if day.isoweekday() in weekdays and self.chance.random() < 0.93:
                self.days[day] = [self.chance.choice([1, 2, 2, 3]), None]
            day += timedelta(days=1)
        for day in self.days:
            if self.chance.random() < 0.15:
                self.days[day][1] = self.chance.choice(
                    [date(2026, 8, 31), max(FIRST, day - timedelta(days=9)), day]
                )
        if self.chance.random() < 0.4:  # a whole month, or the first weeks of one
            gone = self.chance.choice(MONTHS)
            until = self.chance.choice([12, 20, 31])
            for day in self.days:
                if label(day) == gone and day.day <= until:
                    self.days[day][1] = max(FIRST, day - timedelta(days=40))
        self.rows = {}
        for day, (units, gone) in self.days.items():
            self.rows[day] = makers.a_session(
                self.activity, day=day, planned_units=units,
                **({"state": "cancelled", "cancel_reason": "台风"} if gone and gone < FIRST else {}),
            )  # fmt: skip
        self.children = []
        for _n in range(self.chance.choice([2, 3, 4])):
            first = self.chance.choice(
                [FIRST, FIRST, date(2026, 9, 16), date(2026, 10, 1), date(2026, 11, 12)]
            )
            agreement = makers.an_agreement(
                plan=self.plan, from_date=first, school_signed_by=self.them.principal
            )
            makers.a_place(agreement, self.activity)
            child = Child(agreement, first)
            if self.chance.random() < 0.4:
                start = max(first, date(2026, 9, 1))
                child.leaves_on = start + timedelta(
                    days=self.chance.randrange(0, (date(2026, 12, 9) - start).days)
                )
            else:
                child.leaves_on = None
            if self.profile != "haikou" and self.chance.random() < 0.6:
                p = self.chance.choice([0.1, 0.5, 0.9])
                child.away = {day for day in self.days if day >= first and self.chance.random() < p}
            if self.chance.random() < 0.4:
                whole = self.chance.choice(MONTHS)
                child.away |= (
                    {d for d in self.days if label(d) == whole and d >= first}
                    if self.profile != "haikou"
                    else set()
                )
            child.is_poor = self.profile in WAIVER and WAIVER[self.profile] and self.chance.random() < 0.15
            child.asks = self.chance.random() < 0.4 and self.profile not in WAIVER
            self.children.append(child)

    # --- by hand

    def cancelled(self, day, today=LAST + timedelta(days=9)):
        gone = self.days[day][1]
        return gone is not None and gone <= today

    def own_days(self, child, month=None, today=None):
        return [d for d in sorted(self.days) if d >= child.first and (month is None or label(d) == month)]

    def gross(self, child, period, today):
        """As a run of `today` charges it: hours that are cancelled by now left out."""
        month = None if period == makers.TERM else period
        if self.unit == "class_hour":
            until = child.left or LAST
            hours = sum(
                self.days[d][0]
                for d in self.own_days(child, month)
                if d <= until and not self.cancelled(d, today)
            )
            fen = hours * self.fee
            if self.profile == "longling":
                fen = min(fen, 40000 - sum(g for g, _w, _h in child.charged.values()))
            return fen, hours
        if self.unit == "month" and month is None:
            n = sum(1 for m in MONTHS if m >= label(child.first))
            return self.fee * n, n
        return self.fee, 1

    def due(self, child):
        """By the texts, at the end of everything."""
        gross = sum(g for g, _w, _h in child.charged.values())
        net = sum(g - w for g, w, _h in child.charged.values())
        if not gross:
            return 0
        if self.unit == "class_hour":
            return self.due_by_hour(child)
        if self.unit == "term":
            return half_up(net - self.back_whole(child, net))
        exact, given, rest_net, rest_off = Fraction(0), 0, 0, Fraction(0)
        for period, (g, w, _h) in child.charged.items():
            months = [period] if period != makers.TERM else [m for m in MONTHS if m >= label(child.first)]
            for m in months:
                part = Fraction(g - w, len(months))
                own = Fraction(g, len(months))
                exact += self.back(child, m, own, part)
        if child.left:
            return net - max(sum(child.given.values()), half_up(exact))
        looked = set(child.given)
        for period, (g, w, _h) in child.charged.items():
            if period in looked:
                given += child.given[period]
                continue
            months = [period] if period != makers.TERM else [m for m in MONTHS if m >= label(child.first)]
            rest_net += g - w
            for m in months:
                rest_off += self.cancelled_share(child, m) * Fraction(g - w, len(months))
        kept = sum(g - w for p, (g, w, _h) in child.charged.items() if p in looked) - given
        return kept + half_up(rest_net - rest_off)

    def cancelled_share(self, child, month=None):
        days = self.own_days(child, month)
        every = sum(self.days[d][0] for d in days)
        gone = sum(self.days[d][0] for d in days if self.cancelled(d))
        if not every:  # a month without a lesson, where others had some
            return Fraction(1) if self.own_days(child) else Fraction(0)
        return Fraction(gone, every)

    def back_whole(self, child, net):
        """Of a fee for the term: nothing but what was cancelled; all of it where nothing was used."""
        held = [d for d in self.own_days(child) if not self.cancelled(d)]
        if child.left and (not held or held[0] > child.left):
            return Fraction(net)
        return net * self.cancelled_share(child)

    def back(self, child, month, gross, net, cancelled_as_unused=frozenset()):  # noqa: C901  (the texts)
        days = self.own_days(child, month)
        held = [d for d in days if not self.cancelled(d) or d in cancelled_as_unused]
        gone = [d for d in days if d not in held]
        left = child.left
        if left:
            if held and held[0] > left:
                return net
            if not days and (month > label(left) or self.own_days(child)):
                return net
            if not held and max(child.first, date(int(month[:4]), int(month[5:]), 1)) > left:
                return net
        every = sum(self.days[d][0] for d in days)
        off = sum(self.days[d][0] for d in gone)
        share = net * Fraction(off, every) if every else Fraction(0)
        missed = [d for d in held if d in child.away or (left and d > left)]
        rule = Fraction(0)
        if self.profile == "ezhou":
            rule = min(net, 336 * len(missed) * Fraction(net, gross)) if gross else Fraction(0)
            if missed and len(missed) == len(held):
                rule = net
        if self.profile == "wuzhou" and missed and 2 * len(missed) >= len(held):
            rule = net / 2
        if self.profile == "wuhan":
            unused = [d for d in days if left and d > left]
            rule = net * Fraction(len(unused), len(days)) if days else Fraction(0)
            if left:
                before = [d for d in gone if d <= left]
                share = net * Fraction(len(before), len(days)) if days else Fraction(0)
        found = min(net, rule + share)
        if left and not cancelled_as_unused and self.profile in ("ezhou", "wuzhou"):
            after = [d for d in gone if d > left]
            for n in range(len(after)):
                found = max(found, self.back(child, month, gross, net, frozenset(after[n:])))
        return found

    def due_by_hour(self, child):
        """Held hours at the price of one, under the cap. Who left pays the months that were begun (Haikou: the days)."""
        held = 0
        for m in MONTHS:
            days = [d for d in self.own_days(child, m) if not self.cancelled(d)]
            if child.left:
                if not days or days[0] > child.left:
                    continue
                if self.profile == "haikou":
                    days = [d for d in days if d <= child.left]
            held += sum(self.days[d][0] for d in days)
        if child.left:
            held = min(held, sum(h for _g, _w, h in child.charged.values()))
        fen = held * self.fee
        if self.profile == "longling":
            fen = min(fen, 40000)
        gross = sum(g for g, _w, _h in child.charged.values())
        net = sum(g - w for g, w, _h in child.charged.values())
        return half_up(Fraction(min(fen, gross) * net, gross))

    # --- deeds

    def charge(self, period, now):
        expected = {}
        for child in self.children:
            month = None if period == makers.TERM else period
            until = child.left or LAST
            touches = month is None or (label(child.first) <= month <= label(until))
            if not touches or (child.left and child.left < child.first):
                continue
            g, h = self.gross(child, period, now.date() - timedelta(days=1))
            before = next(((g0, w0) for g0, w0, _h in reversed(child.charged.values()) if w0), None)
            w = half_up(Fraction(g * before[1], before[0])) if before else 0
            expected[child.agreement.pk] = (g, w)
            child.charged[period] = [g, w, h]
        actions.charge_period(plan=self.plan, period=period, by=self.them.clerk, now=now)
        found = {
            c.agreement.pk: (row.gross_fen, row.waived_fen)
            for c in self.children for row in c.agreement.charges.filter(period=period)
        }  # fmt: skip
        assert found == expected

    def pays(self, now):
        standings = gathering.standings(makers.TERM)
        for child in self.children:
            standing = standings.get(child.agreement.pk)
            if standing and standing.due > standing.net_paid:
                stage.pays(child.agreement, standing.due - standing.net_paid, at=now)

    def waive(self, child, period, now):
        row = child.agreement.charges.get(period=period)
        if not row.gross_fen or child.left:
            return
        if child.is_poor:
            reason, fen = WAIVER[self.profile][0], None
            w = row.gross_fen
        elif child.asks:
            w = self.chance.randrange(1, row.gross_fen)
            reason, fen = "hardship", w
        else:
            return
        stage.waives(row, self.them, reason, fen=fen, now=now)
        child.charged[period][1] = w

    def live(self):  # noqa: C901  (one life)
        today = FIRST
        if self.cycle == "term":
            self.charge(makers.TERM, at(9, 1))
            for child in self.children:
                self.waive(child, makers.TERM, at(9, 1))
            self.pays(at(9, 1))
        while today <= LAST:
            now = at(9, 1).replace(year=today.year, month=today.month, day=today.day)
            if today.day == 1 or today == FIRST:
                if self.cycle == "month":
                    fresh = [c for c in self.children if c.first <= today.replace(day=28)]
                    if (
                        any(self.own_days(c, label(today)) for c in self.children)
                        and [
                            c
                            for c in self.children
                            if label(c.first) <= label(today) <= label(c.left or LAST)
                        ]
                        and (self.unit != "class_hour" or any(label(d) == label(today) for d in self.days))
                    ):
                        self.charge(label(today), now)
                        for child in fresh:
                            if label(today) in child.charged and not any(
                                w for _g, w, _h in child.charged.values()
                            ):
                                self.waive(child, label(today), now)
                        self.pays(now)
                if today.month != 9 and self.profile in ("ezhou", "wuzhou"):
                    self.absences(label(today - timedelta(days=1)), now)
            for day, (_units, gone) in self.days.items():
                if gone == today and gone >= FIRST:
                    Session.objects.filter(pk=self.rows[day].pk).update(
                        state="cancelled", cancel_reason="台风"
                    )
            if today in self.days and not self.cancelled(today, today):
                row = self.rows[today]
                Session.objects.filter(pk=row.pk).update(state="closed", closed_at=now)
                for child in self.children:
                    if child.first <= today <= (child.left or LAST):
                        there = {"state": "absent"} if today in child.away else {
                            "state": "left", "arrived_at": row.starts_at, "left_at": row.ends_at
                        }  # fmt: skip
                        RollEntry.objects.create(
                            session=row, agreement=child.agreement, pupil=child.agreement.pupil, **there
                        )
            for child in self.children:
                if child.leaves_on == today and child.left is None:
                    child.left = today
                    leaves(child.agreement, today, now + timedelta(hours=8))
            today += timedelta(days=1)
        if self.profile in ("ezhou", "wuzhou"):
            self.absences("2027-01", stage.OVER)

    def absences(self, month, now):
        if not any(month in c.charged for c in self.children):
            return
        actions.refund_absences(plan=self.plan, period=month, by=self.them.clerk, now=now)
        for child in self.children:
            if child.left is None and month in child.charged:
                g, w, _h = child.charged[month]
                fen = half_up(self.back(child, month, Fraction(g), Fraction(g - w)))
                if fen:
                    child.given[month] = fen

    def settles(self):
        standings = gathering.standings(makers.TERM)
        cash = sum(s.net_paid for s in standings.values())
        spent = self.chance.randrange(0, max(1, cash))
        if spent:
            asked = stage.asks(spent, self.them, spent_date=LAST, now=stage.OVER)
            actions.approve_expenditure(
                expenditure=asked,
                by=self.them.chair if self.profile == "seed" else self.them.principal,
                now=stage.OVER,
            )
        stage.closes_the_term(self.them)
        row = actions.preview_settlement(
            term_code=makers.TERM, by=self.them.treasurer if self.profile == "seed" else self.them.clerk,
            now=stage.OVER, pay_note="余下报酬由财政承担",
        )  # fmt: skip
        shares = {s.agreement_id: s for s in Share.objects.filter(settlement=row)}
        for child in self.children:
            standing = standings.get(child.agreement.pk)
            if standing is None:
                assert not child.charged or not sum(g for g, _w, _h in child.charged.values())
                continue
            share = shares[child.agreement.pk]
            assert standing.due - share.credit_fen == self.due(child), (
                child.first,
                child.left,
                child.charged,
                child.given,
            )
        self.check_shares(row, shares, standings, cash - spent)

    def check_shares(self, row, shares, standings, pool):
        assert row.pool_fen == pool
        own, weight = {}, {}
        for child in self.children:
            standing = standings.get(child.agreement.pk)
            if standing:
                own[child.agreement.pk] = max(0, min(standing.net_paid, standing.net_paid - self.due(child)))
                weight[child.agreement.pk] = max(0, standing.net_paid) - own[child.agreement.pk]
        want = largest(min(pool, sum(own.values())), own)
        rest = largest(pool - sum(want.values()), weight)
        assert {pk: s.amount_fen for pk, s in shares.items()} == {pk: want[pk] + rest[pk] for pk in own}


def largest(fen, weights):
    """By largest remainder, ties by enrolment id; the weights are caps too, and never more than them is shared."""
    total = sum(weights.values())
    if not total or fen <= 0:
        return dict.fromkeys(weights, 0)
    exact = {pk: Fraction(fen * w, total) for pk, w in weights.items()}
    found = {pk: floor(x) for pk, x in exact.items()}
    order = sorted(weights, key=lambda pk: (-(exact[pk] - found[pk]), pk))
    for pk in order[: fen - sum(found.values())]:
        found[pk] += 1
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_by_hand(north, case):
    stage.the_term(case[0])
    wrong = []
    with in_school(north):
        for seed in range(int(os.environ.get("SEEDS", "2"))):
            seed += int(os.environ.get("FROM", "0"))
            with undone():
                try:
                    town = Town(case, seed)
                    town.live()
                    town.settles()
                    assert promises.broken_promise() is None
                except AssertionError as error:
                    wrong.append((seed, str(error)[:600]))
    assert wrong == []
