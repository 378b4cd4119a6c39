"""What goes between school and city is sealed on both sides (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (Sealed("exchange.envelope", loose={"answer_carried": "the relay's own note; it decides nothing"}),)
UNSEALED: dict[str, str] = {}
