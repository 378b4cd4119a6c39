"""What of the plans is sealed (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (
    Sealed("planning.consultation"),
    Sealed("planning.answer"),
    Sealed("planning.plan", loose={"last_moment": "of the last charge run or exit, which are sealed"}),
    Sealed("planning.planfee"),
    Sealed("planning.activity", loose={"taken": "the number of choices that hold a place, which are sealed"}),
    Sealed("planning.costline"),
    Sealed("planning.amendment"),
)
UNSEALED: dict[str, str] = {}
