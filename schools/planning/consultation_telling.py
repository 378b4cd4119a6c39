"""Tells families about a running consultation: a deadline that moved, what was keyed for a child, an earlier end (S11).

Kept as notices, so Chinese whatever language the browser shows.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from afterbell.accounts.models import User
from schools.notices import actions as notices
from schools.notices.models import NoticeKind
from schools.planning import consultation_queries as queries
from schools.planning.models import Answer, Channel, Consultation, Wish


def moved(row: Consultation, before: datetime, *, by: User, now: datetime) -> None:
    """Every adult who was asked."""
    notices.publish(
        kind=NoticeKind.CONSULTATION,
        title="意愿征询的截止时间改了",
        body=_paragraphs(
            row,
            f"“{row.title}”原定 {minute(before)} 截止，现改为 {minute(row.closes_at)}。",
            "已经答复的不用再答，结束前可以修改。所有家长都答复后，学校可能提前结束，并会通知您。",
        ),
        to=queries.signers_of(queries.asked_pupils()),
        by=by,
        now=now,
    )


def keyed(row: Consultation, slips: Iterable[Answer], *, by: User, now: datetime) -> None:
    """Who signs for a child hears what the school keyed for it: one letter a wish, a row for each child."""
    for wish, pupils in _by_wish(slips).items():
        said = f"“{row.title}”：学校按交回的纸质回执，为您的孩子录入了“{_word(wish)}”。"
        ask = f"不是这样的，请在 {minute(row.closes_at)} 前打开下面的页面自己答复，以您的答复为准；或联系学校更正。"
        _of_children(pupils, title="学校录入了纸质回执", body=_paragraphs(row, said, ask), by=by, now=now)


def ended_early(row: Consultation, *, by: User, now: datetime) -> None:
    """Who answered on the phone, and who signs for a child with what was keyed for it. Nobody where all have left."""
    pupils = queries.asked_pupils()
    slips = Answer.objects.filter(consultation=row, channel=Channel.PAPER, pupil__in=pupils)
    title = "意愿征询提前结束了"
    ended = (
        f"“{row.title}”原定 {minute(row.closes_at)} 截止。所有家长都已答复，学校于 {minute(now)} 结束，"
        "答复不能再修改。"
    )
    own = list(queries.signers_of(pupils.exclude(pk__in=slips.values("pupil"))))
    if own:
        body = _paragraphs(row, ended)
        notices.publish(kind=NoticeKind.CONSULTATION, title=title, body=body, to=own, by=by, now=now)
    for wish, children in _by_wish(slips.order_by("pk")).items():
        said = f"学校按纸质回执为您的孩子录入的是“{_word(wish)}”。不是这样的，请马上联系学校。"
        _of_children(children, title=title, body=_paragraphs(row, ended, said), by=by, now=now)


def minute(moment: datetime) -> str:
    """2026-09-04 12:00, by the school's clock."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _by_wish(slips: Iterable[Answer]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = defaultdict(list)
    for slip in slips:
        found[slip.wish].append(slip.pupil_id)
    return found


def _of_children(pupils: list[UUID], *, title: str, body: str, by: User, now: datetime) -> None:
    """Nobody where nobody signs for them."""
    to = queries.signers_with_child(pupils)
    if to:
        notices.publish(
            kind=NoticeKind.CONSULTATION, title=title, body=body, to=(), of_children=to, by=by, now=now
        )


def _word(wish: str) -> str:
    with override("zh-hans"):
        return str(Wish(wish).label)


def _paragraphs(row: Consultation, *said: str) -> str:
    return "\n\n".join([*said, reverse("planning:family_consultation", args=[row.pk])])
