"""What a family reads of hours that were added, after their waiver was taken back and another one granted (item 13)."""

from schools.finance import actions, explaining
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_class_hours_added import on  # noqa: F401


def test_the_share_of_a_waiver_that_is_gone_is_not_named(on):  # noqa: F811
    """12.00 with 4.00 waived; 12.00 added, 4.00 of them waived. Taken back, then 3.00 of 24.00 waived: no 4.00."""
    first = stage.waives(on.row(), on.them, fen=400, now=on.now)
    on.gets_football()
    on.charge()
    actions.withdraw_waiver(waiver=first, reason="证明拿错了", by=makers.a_user("deputy"), now=on.now)
    stage.waives(on.row(), on.them, fen=300, now=on.now)
    assert on.row().waived_fen == 300
    assert "减免 ¥4.00" not in "；".join(explaining.charge_lines(on.row()))
