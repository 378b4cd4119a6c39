"""The city keeps a witness of each published statement: what a school sent can't be changed unseen by the school (S36)."""

from datetime import timedelta

import pytest

from oversight.facts import promises, rollups
from oversight.facts.models import MonthFact
from tenants.context import in_city, in_school
from tenants.exchange import actions as exchange
from tenants.exchange import relay
from tenants.exchange.models import EnvelopeKind
from tests.city import NOON
from tests.dashboards import makers

SENT, OTHER = "a" * 64, "b" * 64
LATER = NOON + timedelta(days=1)


@pytest.fixture
def published(north):
    """September's statement has come, and the figures were asked for after that."""
    with in_school(north):
        exchange.send(
            kind=EnvelopeKind.STATEMENT, subject="2026-09 收支公示", due_at=None, by=None, now=NOON,
            payload={
                "term_code": makers.RUNNING, "month": "2026-09", "opening_fen": 0, "received_fen": 70, "spent_fen": 0,
                "refunded_fen": 0, "closing_fen": 70, "sha256": SENT, "due_date": "2026-10-10",
                "published_date": "2026-10-09",
            },
        )  # fmt: skip
    relay.relay_school(north, NOON)
    with in_city():
        makers.the_terms()
        fact = makers.a_month_fact(north, makers.RUNNING, "2026-09", statement_sha256=SENT)
        fact.computed_at = LATER
        fact.save()
        rollups.roll_everything(now=LATER)
    return fact


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (SENT, None),
        (OTHER, "says bbbbbbbbbbbb, the school sent aaaaaaaaaaaa"),
        ("", "is gone, the school sent aaaa"),
    ],
)
def test_what_the_figures_say_is_compared_with_what_was_sent(published, known, said):
    with in_city():
        MonthFact.objects.filter(pk=published.pk).update(statement_sha256=known)
        rollups.roll_everything(now=LATER)
        found = next(promises.broken_promises(), None)
    assert (found is None) if said is None else (said in found and "3301020001" in found)


def test_a_month_that_is_gone_from_the_figures_is_named_and_an_old_figure_is_not(published):
    with in_city():
        MonthFact.objects.filter(pk=published.pk).update(
            statement_sha256="", computed_at=NOON - timedelta(hours=1)
        )
        assert [*promises.statements_not_as_sent()] == []
        MonthFact.objects.filter(pk=published.pk).delete()
        assert "is gone" in next(promises.statements_not_as_sent())
