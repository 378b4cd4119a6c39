"""What of the people is sealed (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (
    Sealed("people.schoolclass"),
    Sealed("people.pupil"),
    Sealed("people.guardian"),
    Sealed("people.tie"),
    Sealed("people.adultquestion"),
    Sealed("people.wordquestion"),
    Sealed("people.change"),
    Sealed("people.rosterimport"),
)
UNSEALED: dict[str, str] = {}
