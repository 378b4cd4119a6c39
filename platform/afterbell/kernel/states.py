"""Changing a state: only along the table of moves, and only from the state that the person saw."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused
from afterbell.kernel.records import Record

Moves = Mapping[str, frozenset[str]]
"""From each state to the states that may follow it. A final state has an empty set."""


class MoveNotAllowed(Refused):
    """The table of moves has no such move."""

    code = "state.move_not_allowed"
    message = _("当前状态是“%(before)s”，不能改为“%(after)s”。")


class AlreadyThere(MoveNotAllowed):
    """Done before: twice, or with an old page."""

    message = _("现在已经是“%(after)s”，不用再办这一步。请刷新页面后再看。")


class StateMoved(Refused):
    """Somebody else was faster: the row is no longer in the state that was read."""

    code = "state.moved"
    message = _("刚才已有人处理过：现在是“%(after)s”，不再是“%(before)s”。请刷新页面后再看。")


def move(
    obj: models.Model,
    *,
    to: str,
    moves: Moves,
    at: datetime,
    field: str = "state",
    also: Mapping[str, Any] | None = None,
) -> None:
    """Compare and set in one statement; raises MoveNotAllowed or StateMoved and then nothing has changed.

    `also` names fields that change in the same statement, such as who decided. Where the model has
    `<field>_at`, it gets `at`. The object in memory follows the row. Call it inside the action's transaction,
    before the audit entry.
    """
    before = getattr(obj, field)
    if to not in moves.get(before, frozenset()):
        if to == before:
            raise AlreadyThere(after=_label(obj, field, to))
        raise MoveNotAllowed(before=_label(obj, field, before), after=_label(obj, field, to))
    if isinstance(obj, Record):
        obj.ensure_home()  # an update by filter does not pass through save() and its guard
    changes = {**_stamp(obj, field, at), **(also or {}), field: to}
    rows = type(obj)._default_manager.filter(pk=obj.pk, **{field: before}).update(**changes)
    if rows == 0:
        raise StateMoved(before=_label(obj, field, before), after=_now(obj, field))
    for name, value in changes.items():
        setattr(obj, name, value)


def _stamp(obj: models.Model, field: str, at: datetime) -> dict[str, Any]:
    try:
        obj._meta.get_field(f"{field}_at")
    except FieldDoesNotExist:
        return {}
    return {f"{field}_at": at}


def _now(obj: models.Model, field: str) -> str:
    """What the row says instead."""
    found = type(obj)._default_manager.filter(pk=obj.pk).values_list(field, flat=True).first()
    return str(_("已不存在")) if found is None else _label(obj, field, found)


def _label(obj: models.Model, field: str, value: str) -> str:
    choices = dict(obj._meta.get_field(field).flatchoices)  # type: ignore[union-attr]
    return str(choices.get(value, value))
