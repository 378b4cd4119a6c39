"""A bureau complaint's way: received, answered by the bureau itself or after the school was asked, closed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LetterState(models.TextChoices):
    """Words that are true for the family and for the bureau."""

    OPEN = "open", _("待受理")
    RECEIVED = "received", _("已受理")
    PASSED = "passed", _("已转学校核实")
    RETURNED = "returned", _("学校已回复")
    ANSWERED = "answered", _("已答复")
    CLOSED = "closed", _("已办结")


MOVES: dict[str, frozenset[str]] = {
    LetterState.OPEN: frozenset({LetterState.RECEIVED}),
    LetterState.RECEIVED: frozenset({LetterState.PASSED, LetterState.ANSWERED}),
    LetterState.PASSED: frozenset({LetterState.RETURNED, LetterState.RECEIVED, LetterState.ANSWERED}),
    LetterState.RETURNED: frozenset({LetterState.PASSED, LetterState.ANSWERED}),
    LetterState.ANSWERED: frozenset({LetterState.RECEIVED, LetterState.CLOSED}),
    LetterState.CLOSED: frozenset(),
}
WAITING = (LetterState.OPEN, LetterState.RECEIVED, LetterState.PASSED, LetterState.RETURNED)
"""The family has no answer yet."""
