"""What of the care is sealed, and what is not, and why (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (
    Sealed("care.room"),
    Sealed("care.session", loose={"unaccounted": "the number of children on its roll, which is sealed"}),
    Sealed(
        "care.duty",
        loose={
            "clear_from_date": "follows the clearance, by the database's own key",
            "clear_until_date": "follows the clearance, by the database's own key",
        },
    ),
    Sealed("care.rollentry"),
    Sealed("care.handover"),
    Sealed("care.latedeed"),
    Sealed(
        "care.alarm", loose={"level": "moves until somebody has looked", "level_at": "goes with the level"}
    ),
    Sealed("care.incident"),
    Sealed("care.homeword"),
    Sealed("care.pastduty"),
)
UNSEALED = {
    "care.operation": "says that a message was taken; what it did stands in the roll and the handovers, which are sealed",
}
