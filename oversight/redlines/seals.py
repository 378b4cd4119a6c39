"""What of the alerts is sealed (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

COMPUTED = "found anew by each evaluation"
SEALED = (
    Sealed("redlines.alert", loose={"numbers": COMPUTED, "weight": COMPUTED}),
    Sealed("redlines.alertevent"),
)
UNSEALED: dict[str, str] = {}
