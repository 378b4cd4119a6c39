"""What of the public pages is sealed (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (Sealed("disclosure.release"),)
UNSEALED: dict[str, str] = {}
