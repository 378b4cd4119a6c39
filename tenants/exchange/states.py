"""An envelope's way: written by one side, carried by the relay, answered by the other side."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EnvelopeState(models.TextChoices):
    """`waiting` lies in the sender's schema; `sent` was carried; `answered` has its answer on both sides."""

    WAITING = "waiting", _("待传送")
    SENT = "sent", _("已送达")
    ANSWERED = "answered", _("已答复")


MOVES: dict[str, frozenset[str]] = {
    EnvelopeState.WAITING: frozenset({EnvelopeState.SENT}),
    EnvelopeState.SENT: frozenset({EnvelopeState.ANSWERED}),
    EnvelopeState.ANSWERED: frozenset(),
}
