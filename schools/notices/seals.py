"""What of the notices is sealed, and what is not, and why (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (Sealed("notices.notice"),)
UNSEALED = {
    "notices.delivery": "who was told and has read; nothing is decided by it, and a thousand are written a notice",
    "notices.dispatch": "how far a message is on its way to a phone",
    "notices.seen": "what a login has opened",
    "notices.draft": "nobody has let it out yet; what was let out is a notice",
}
