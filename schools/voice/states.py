"""Lives of a survey and of a complaint."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SurveyState(models.TextChoices):
    """Results are shown after the close, and only from the suppression threshold on."""

    OPEN = "open", _("进行中")
    CLOSED = "closed", _("已结束")


class ComplaintState(models.TextChoices):
    """Late or unsatisfying answers go to the bureau."""

    OPEN = "open", _("待答复")
    ANSWERED = "answered", _("已答复")
    ESCALATED = "escalated", _("已上报教育局")
    CLOSED = "closed", _("已办结")


SURVEY_MOVES: dict[str, frozenset[str]] = {
    SurveyState.OPEN: frozenset({SurveyState.CLOSED}),
    SurveyState.CLOSED: frozenset(),
}
COMPLAINT_MOVES: dict[str, frozenset[str]] = {
    ComplaintState.OPEN: frozenset({ComplaintState.ANSWERED, ComplaintState.ESCALATED}),
    ComplaintState.ANSWERED: frozenset({ComplaintState.CLOSED, ComplaintState.ESCALATED}),
    ComplaintState.ESCALATED: frozenset({ComplaintState.ANSWERED, ComplaintState.CLOSED}),
    ComplaintState.CLOSED: frozenset(),
}
