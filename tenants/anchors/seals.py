"""What of the anchors is sealed (afterbell.kernel.seals): all; the entry of each pass binds them."""

from afterbell.kernel.seals import Sealed

SEALED = (Sealed("anchors.chainanchor"), Sealed("anchors.chainflaw"))
UNSEALED: dict[str, str] = {}
