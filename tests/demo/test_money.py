"""The demo's charges above the cap: each child by the fee of its own grade, as a nine-year school has several."""

from infra.demo import money
from schools.planning.models import PlanFee
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage


def test_a_charge_above_the_cap_is_by_the_childs_own_fee(north):
    """Two sessions of two class hours: 4 × 4.20 in grade 1, 4 × 5.00 in grade 7."""
    stage.the_term()
    with in_school(north):
        plan = makers.a_plan(fee_fen=420)
        for first, last, fen in ((1, 6, 420), (7, 9, 500)):
            PlanFee.objects.create(plan=plan, grade_from=first, grade_to=last, fee_fen=fen)
        activity = makers.an_activity(plan)
        stage.sessions(activity, makers.MONDAY, 2)
        made = {
            grade: stage.a_family(
                plan, activity, pupil=makers.a_pupil(school_class=makers.a_class(grade=grade))
            )
            for grade in (1, 7)
        }
        charges = {row.agreement_id: row for row in money._above_the_cap(plan, makers.TERM, NOON)}
    for grade, fee in ((1, 420), (7, 500)):
        charge = charges[made[grade].pk]
        assert (charge.fee_fen, charge.units, charge.gross_fen) == (fee, 4, 4 * fee)
