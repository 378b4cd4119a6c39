"""The life of a school's tenancy."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SchoolState(models.TextChoices):
    """A school is in service only when its schema is whole."""

    OPENING = "opening", _("开通中")
    ACTIVE = "active", _("运行中")
    ARCHIVED = "archived", _("已归档")


MOVES: dict[str, frozenset[str]] = {
    SchoolState.OPENING: frozenset({SchoolState.ACTIVE}),
    SchoolState.ACTIVE: frozenset({SchoolState.ARCHIVED}),
    SchoolState.ARCHIVED: frozenset({SchoolState.ACTIVE}),
}
