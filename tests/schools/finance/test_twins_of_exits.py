"""Two families with the same facts, reached by two orders of deeds: what each bill asks for is the same (S27, S36, S37).

In one world the office has the exit a few days early and corrects it by the roll; in the other it had the right day at once.
"""

from datetime import date

import pytest

from schools.enrolment.models import Agreement
from schools.finance import actions, gathering, owing, promises
from schools.finance.models import Refund
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected import is_there
from tests.schools.finance.test_exit_corrected_beside import (
    a_class,
    at,
    charges,
    exit_corrected_on,
    joins_again,
    leaves,
)
from tests.undone import undone

FEES = {"month": 6999, "term": 35001, "class_hour": 271}
WRONG, LAST, AGAIN = date(2026, 9, 17), date(2026, 10, 9), date(2026, 10, 19)


def bills(*families):
    """What each asks for by now, lessons cancelled since an early end taken off; below zero it is owed."""
    rows = Agreement.objects.select_related("plan").filter(pk__in=[family.pk for family in families])
    found = owing.of(rows)
    return [int(found[family.pk].fen) for family in families]


def two_worlds(north, profile, unit, story, labels):
    """The bills of both agreements in both worlds; the story's deeds in their order."""
    stage.the_term(profile)
    found = []
    with in_school(north):
        them = stage.people()
        for wrongly in (True, False):
            with undone():
                plan, activity = a_class(unit, FEES[unit], held=30)
                first = stage.a_family(plan, activity, school_signed_by=them.principal)
                for label in labels[0]:
                    charges(plan, label, them)
                is_there(first, LAST)
                leaves(first, WRONG if wrongly else LAST, at(10, 18))
                second = joins_again(first, activity, AGAIN)
                charges(plan, labels[1], them, at(10, 19))
                for n, deed in enumerate(story.split(", ")):
                    now = at(10, 20).replace(minute=n)
                    if deed == "correct" and wrongly:
                        exit_corrected_on(first, them, now)
                    elif deed == "end":
                        actions.end_service(
                            plan=plan, reason="校舍维修，服务停止", by=them.principal, now=at(10, 23)
                        )
                    elif deed == "waive":
                        charge = first.charges.order_by("created_at").first()
                        stage.waives(charge, them, fen=charge.gross_fen, now=now)
                    elif deed == "leave":
                        leaves(second, date(2026, 10, 28), now)
                for label in labels[
                    0
                ]:  # days that the office's exit had left out, where a run still takes them
                    if wrongly and not first.charges.filter(period=label).exists():
                        charges(plan, label, them, at(10, 29))
                found.append(bills(first, second))
                assert promises.broken_promise() is None
    return found


MONTHS = (("2026-09", "2026-10"), "2026-10")
WHOLE = ((makers.TERM,), makers.TERM)


STORIES = [
    "correct, end", "end, correct", "correct, waive", "waive, correct", "correct, leave", "leave, correct",
    "correct, leave, end", "leave, correct, waive",
]  # fmt: skip
FEES_OF = [
    ("national-2024", "month", MONTHS), ("wuhan", "month", MONTHS), ("ezhou", "month", MONTHS), ("haikou", "term", WHOLE),
]  # fmt: skip
NO_AMOUNTS = "ezhou"
"""Its policy lists no waiver of an amount."""


@pytest.mark.parametrize(
    ("profile", "unit", "labels", "story"),
    [
        (*each, story) for each in FEES_OF for story in STORIES
        if not (each[0] == NO_AMOUNTS and "waive" in story)
    ],
)  # fmt: skip
def test_both_bills_are_those_of_the_right_day(north, profile, unit, labels, story):
    """279.96 instead of 209.97: what had come off the first bill was thinned, or lost, by what happened to the second."""
    wrongly, rightly = two_worlds(north, profile, unit, story, labels)
    assert all(abs(one - other) <= 1 for one, other in zip(wrongly, rightly, strict=True)), (wrongly, rightly)


def test_a_run_over_both_agreements_sees_what_the_first_gives_back(north):
    """Left before anything was charged, came back: one run made of both took the month as used up by the first."""
    stage.the_term("wuhan")
    found = []
    with in_school(north):
        them = stage.people()
        for at_once in (True, False):
            with undone():
                plan, activity = a_class("month", 6999, held=30)
                first = stage.a_family(plan, activity, school_signed_by=them.principal)
                leaves(first, date(2026, 9, 10))
                second = joins_again(first, activity, date(2026, 9, 21))
                for only in [None] if at_once else [[first.pk], [second.pk]]:
                    actions.charge_period(
                        plan=plan, period="2026-09", by=them.clerk, now=at(9, 22), agreements=only
                    )
                found.append(bills(first, second))
                assert promises.broken_promise() is None
    assert found[0] == found[1]
    assert sum(found[0]) == 6999


def paid_ahead(north, them, *, fen):
    plan, activity = a_class("month", 7000)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    stage.pays(family, fen)
    is_there(family, date(2026, 9, 17))
    leaves(family, date(2026, 9, 10), at(9, 18))
    return plan, family


def drafts(family):
    return list(Refund.objects.filter(agreement=family, state="draft").values_list("amount_fen", flat=True))


def test_what_was_paid_ahead_is_drafted_again_at_once(north):
    """Its run was taken back, the day corrected: the draft was void, and none was made before the next run."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan, family = paid_ahead(north, them, fen=9000)
        run = charges(plan, "2026-09", them, at(9, 19))
        actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=at(9, 20))
        exit_corrected_on(family, them, at(9, 21))
        assert drafts(family) == [9000]
        assert promises.broken_promise() is None
        charges(plan, "2026-09", them, at(9, 22))
        assert drafts(family) == [9000 - 3976]
        assert bills(family) == [3976 - 9000]
        assert promises.broken_promise() is None


def test_a_draft_of_an_exit_is_made_anew_where_the_child_is_charged_after_it(north):
    """90.00 were drafted for who had paid ahead; the charge that came then was asked for beside it."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        _plan, family = paid_ahead(north, them, fen=9000)
        actions.refund_exit(agreement=family, by=them.clerk, now=at(9, 18))
        assert drafts(family) == [9000]
        run = charges(_plan, "2026-09", them, at(9, 19))
        kept = 7000 - run.calculations.get().credit_fen
        assert 0 < kept < 7000
        assert drafts(family) == [9000 - kept]
        standing = gathering.standings(makers.TERM, family.pk)[family.pk]
        assert standing.net_paid == standing.due
        actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=at(9, 20))
        assert sum(drafts(family)) == 9000
        assert promises.broken_promise() is None
