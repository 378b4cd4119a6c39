"""Lives of an application and of an agreement."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApplicationState(models.TextChoices):
    """Both reviews done → approved when there is a place, waiting when there is none."""

    SUBMITTED = "submitted", _("待审核")
    WAITING = "waiting", _("候补中")
    APPROVED = "approved", _("已通过")
    REFUSED = "refused", _("未通过")
    WITHDRAWN = "withdrawn", _("已撤回")


class SupplementState(models.TextChoices):
    """Of one more activity under an agreement: as an application's, and over with the agreement."""

    SUBMITTED = "submitted", _("待审核")
    WAITING = "waiting", _("候补中")
    PLACED = "placed", _("已有名额")
    REFUSED = "refused", _("未通过")
    WITHDRAWN = "withdrawn", _("已撤回")
    ENDED = "ended", _("随协议终止")


SUPPLEMENT_IN_LINE = [SupplementState.SUBMITTED, SupplementState.WAITING]
"""It has no place yet, and nobody has said no."""


class AgreementState(models.TextChoices):
    """Active from the school's signature to the end of the term or a written exit; void when the exit came before the
    first day: it never began, and nobody took part by it."""

    ACTIVE = "active", _("生效")
    ENDED = "ended", _("已终止")
    VOID = "void", _("未生效")


BEGAN = [AgreementState.ACTIVE, AgreementState.ENDED]
"""Whoever reads an agreement by its dates reads one of these: the dates of a void one say what was agreed, not what was."""


APPLICATION_MOVES: dict[str, frozenset[str]] = {
    ApplicationState.SUBMITTED: frozenset(
        {
            ApplicationState.APPROVED,
            ApplicationState.WAITING,
            ApplicationState.REFUSED,
            ApplicationState.WITHDRAWN,
        }
    ),
    ApplicationState.WAITING: frozenset({ApplicationState.APPROVED, ApplicationState.WITHDRAWN}),
    ApplicationState.APPROVED: frozenset({ApplicationState.WITHDRAWN}),
    ApplicationState.REFUSED: frozenset(),
    ApplicationState.WITHDRAWN: frozenset(),
}
SUPPLEMENT_MOVES: dict[str, frozenset[str]] = {
    SupplementState.SUBMITTED: frozenset(
        {
            SupplementState.PLACED,
            SupplementState.WAITING,
            SupplementState.REFUSED,
            SupplementState.WITHDRAWN,
            SupplementState.ENDED,
        }
    ),
    SupplementState.WAITING: frozenset(
        {SupplementState.PLACED, SupplementState.WITHDRAWN, SupplementState.ENDED}
    ),
    SupplementState.PLACED: frozenset({SupplementState.ENDED}),
    SupplementState.REFUSED: frozenset(),
    SupplementState.WITHDRAWN: frozenset(),
    SupplementState.ENDED: frozenset(),
}
AGREEMENT_MOVES: dict[str, frozenset[str]] = {
    AgreementState.ACTIVE: frozenset({AgreementState.ENDED, AgreementState.VOID}),
    AgreementState.ENDED: frozenset(),
    AgreementState.VOID: frozenset(),
}
