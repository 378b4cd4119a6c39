"""A run that counts free hours changes what a settlement gives: a preview from before it is no good any more (S37)."""

import pytest

from schools.care.models import Session
from schools.committee.models import Subject
from schools.finance import actions, carrying
from schools.finance.actions import settlement as settlement_actions
from schools.finance.models import Share
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import charges
from tests.schools.finance.test_hours_under_a_cap import SEPTEMBER_1, two_children


def test_the_vote_and_the_batch_are_on_what_the_run_left(north):
    """Longling, 400.00 a term: 160 hours of reading, 40 of football that came late and are free. 10 hours of reading were
    cancelled: 150 hours are 375.00, 190 are 400.00. The preview warns, the office runs the term once more for 0.00."""
    stage.the_term("longling")
    with in_school(north):
        them, plan, reading, timely, late = two_children(
            makers.TERM, reading=(SEPTEMBER_1, 80), football=(SEPTEMBER_1, 20)
        )
        lost = [row.pk for row in reading.sessions.order_by("-date")[:5]]
        Session.objects.filter(pk__in=lost).update(state="cancelled", closed_at=None, cancel_reason="台风")
        stage.closes_the_term(them)
        given = {"term_code": makers.TERM, "now": stage.OVER, "by": them.clerk}
        before = actions.preview_settlement(**given)
        makers.a_passed_resolution(Subject.SETTLEMENT, object_id=before.pk)
        own = dict(Share.objects.filter(settlement=before).values_list("agreement", "credit_fen"))
        assert own == {timely.pk: 0, late.pk: 2500}
        run = charges(plan, makers.TERM, them, stage.OVER)
        assert (run.families, run.total_fen) == (1, 0)
        assert carrying.has_moved(before)
        with pytest.raises(settlement_actions.BooksMoved):
            actions.batch_settlement(settlement=before, by=them.principal, now=stage.OVER)
        after = actions.preview_settlement(**given)
        own = dict(Share.objects.filter(settlement=after).values_list("agreement", "credit_fen"))
        assert own == {timely.pk: 0, late.pk: 0}
