"""What of the complaints at the bureau is sealed (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (
    Sealed(
        "letterbox.bureaucomplaint",
        loose={
            "family_seen_at": "moves whenever the family looks",
            "changes": "counts the changes for the figures",
            "marked": "how many of them the figures know",
        },
    ),
    Sealed("letterbox.passing"),
    Sealed("letterbox.step"),
)
UNSEALED: dict[str, str] = {}
