"""What of the staff is sealed (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (
    Sealed("staffing.candidate"),
    Sealed("staffing.check"),
    Sealed("staffing.contract"),
    Sealed("staffing.clearance"),
)
UNSEALED: dict[str, str] = {}
