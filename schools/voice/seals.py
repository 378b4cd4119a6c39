"""What of the voices is sealed, and when (afterbell.kernel.seals).

A seal has a number, and its entry has a minute: the seal of one rating would lead to who gave it, as would a hash over all
ratings that changes with each. So ratings, and invitations with them, are sealed once, all of a survey together in the order
of their random keys, by whoever closes it.
"""

from typing import Final

from afterbell.kernel.seals import Sealed

WHILE_OPEN: Final = "EXISTS (SELECT 1 FROM voice_survey AS s WHERE s.id = t.survey_id AND s.state = 'open')"

SEALED = (
    Sealed("voice.survey"),
    Sealed("voice.invitation", open_rows=WHILE_OPEN),
    Sealed("voice.rating", open_rows=WHILE_OPEN),
    Sealed("voice.complaint"),
)
UNSEALED: dict[str, str] = {}
