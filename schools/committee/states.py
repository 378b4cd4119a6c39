"""A resolution's life: open for votes, then passed or rejected for good."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ResolutionState(models.TextChoices):
    """Passed and rejected are final; a changed mind is a new resolution."""

    OPEN = "open", _("表决中")
    PASSED = "passed", _("通过")
    REJECTED = "rejected", _("未通过")


MOVES: dict[str, frozenset[str]] = {
    ResolutionState.OPEN: frozenset({ResolutionState.PASSED, ResolutionState.REJECTED}),
    ResolutionState.PASSED: frozenset(),
    ResolutionState.REJECTED: frozenset(),
}
