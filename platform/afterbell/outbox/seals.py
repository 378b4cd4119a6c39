"""Why marks have no seals (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED: tuple[Sealed, ...] = ()
UNSEALED = {"outbox.mark": "gone within a minute; what it leads to is computed"}
