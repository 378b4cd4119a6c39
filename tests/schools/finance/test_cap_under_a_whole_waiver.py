"""What a wholly waived charge uses of a cap after an exit, and what is left when the proof was false (S27, S36)."""

from datetime import date

from schools.finance import actions, promises
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import at, charges, joins_again, leaves, owes
from tests.undone import undone


def test_a_false_proof_leaves_what_nobody_would_have_waived(north):
    """Longling, term: 400.00, waived whole; left on 12 October, back from 2 November. On a false proof both agreements cost
    together what they cost without any waiver."""
    stage.the_term("longling")
    found = []
    with in_school(north):
        them = stage.people()
        for waived in (False, True):
            with undone():
                plan = makers.a_plan(fee_unit="class_hour", fee_fen=250)
                activity = makers.an_activity(plan)
                stage.sessions(activity, date(2026, 9, 1), 95, state="closed")
                first = stage.a_family(plan, activity, school_signed_by=them.principal)
                charges(plan, makers.TERM, them, at(9, 1))
                granted = stage.waives(first.charges.get(), them, now=at(9, 3)) if waived else None
                leaves(first, date(2026, 10, 12), at(10, 12))
                second = joins_again(first, activity, date(2026, 11, 2))
                charges(plan, makers.TERM, them, at(10, 30))
                if granted:
                    assert owes(first, second) == 0
                    actions.withdraw_waiver(
                        waiver=granted, reason="证明是另一名学生的", by=makers.a_user("deputy"), now=at(11, 3)
                    )
                found.append((owes(first), owes(second)))
                assert promises.broken_promise() is None
    assert found[0] == found[1]
