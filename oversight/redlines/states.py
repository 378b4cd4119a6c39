"""Rules by name, levels, and the life of an alert: open → seen by an officer → closed, and open again when it is back."""

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class RuleCode(models.TextChoices):
    """The red lines, then the early warnings."""

    OVER_CAP = "over_cap", _("超过封顶")
    NO_NOTICE = "no_notice", _("收费前未公示")
    DOUBLE_CHARGE = "double_charge", _("重复收费")
    WRONG_COLLECTOR = "wrong_collector", _("收费主体不符")
    NO_SESSION = "charged_without_session", _("收费无服务")
    SURPLUS_LATE = "surplus_late", _("结余未按时退还")
    SHORTFALL = "shortfall", _("结算有缺口")
    STATEMENT = "statement", _("公示逾期或缺失")
    UNCHECKED_DUTY = "unchecked_duty", _("未核查人员上岗")
    COERCION = "coercion", _("强制参加迹象")
    COMPLAINTS = "complaint_burst", _("投诉集中")
    SURVEY = "survey_too_good", _("评价好得异常")


class Level(models.TextChoices):
    """Red: a rule is broken, or several signs point the same way. Notice: worth a look, nothing more."""

    RED = "red", _("红线")
    NOTICE = "notice", _("提醒")


class AlertState(models.TextChoices):
    """Whether somebody has looked at it, and whether it is over."""

    OPEN = "open", _("待查看")
    SEEN = "seen", _("已查看")
    CLOSED = "closed", _("已了结")


UNRESOLVED: Final = (AlertState.OPEN, AlertState.SEEN)
ALERT_MOVES: Final[Mapping[str, frozenset[str]]] = {
    AlertState.OPEN: frozenset({AlertState.SEEN, AlertState.CLOSED}),
    AlertState.SEEN: frozenset({AlertState.OPEN, AlertState.CLOSED}),
    AlertState.CLOSED: frozenset({AlertState.OPEN}),
}


class EventKind(models.TextChoices):
    """What happened to an alert."""

    RAISED = "raised", _("发现")
    CHANGED = "changed", _("数字变化")
    REOPENED = "reopened", _("再次出现")
    GONE = "gone", _("情况消失")
    NOTED = "noted", _("查看并备注")
    CLOSED = "closed", _("了结")
