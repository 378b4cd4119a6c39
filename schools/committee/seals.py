"""What of the committees is sealed (afterbell.kernel.seals). A vote is a member's own and open: each has its seal."""

from afterbell.kernel.seals import Sealed

SEALED = (
    Sealed("committee.committee"),
    Sealed("committee.seat"),
    Sealed("committee.resolution"),
    Sealed("committee.vote"),
)
UNSEALED: dict[str, str] = {}
