"""What of the tokens is sealed (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (Sealed("tokens.token", loose={"last_used_date": "moves with the first use of a day"}),)
UNSEALED: dict[str, str] = {}
