"""What a family hears of its applications: one review, the queue, the refusal, the agreement, its end (S14, S15)."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import CharField, Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from schools.enrolment import holders
from schools.enrolment.models import Agreement, Application, ChosenActivity, Review, Supplement
from schools.enrolment.states import AgreementState, ApplicationState, SupplementState
from schools.notices.news import News, Reach, reach

TITLES: Final[Mapping[str, Promise]] = {
    "reviewed_school": _("学校已同意申请"),
    "reviewed_committee": _("家长委员会已同意申请"),
    "application_submitted": _("申请已提交，等待审核"),
    "application_waiting": _("申请审核已通过，正在候补"),
    "application_refused": _("申请没有通过"),
    "agreement_active": _("申请已通过，协议 %(number)s 已签订"),
    "place_given": _("候补到了“%(number)s”的名额"),
    "agreement_ended": _("协议 %(number)s 已终止"),
    "agreement_void": _("协议 %(number)s 没有开始就已终止"),
    "supplement_reviewed_school": _("学校已同意增加“%(number)s”"),
    "supplement_reviewed_committee": _("家长委员会已同意增加“%(number)s”"),
    "supplement_submitted": _("补充申请已提交：增加“%(number)s”"),
    "supplement_waiting": _("增加“%(number)s”的申请已通过审核，正在候补"),
    "supplement_placed": _("有了“%(number)s”的名额"),
    "supplement_refused": _("增加“%(number)s”的申请没有通过"),
    "supplement_withdrawn": _("增加“%(number)s”的申请已撤回"),
}
SUPPLEMENT: Final = "supplement_"
TOLD: Final = [state for state in SupplementState if state != SupplementState.ENDED]
"""What ends with the agreement is told with it."""


class Row(NamedTuple):
    """What moved, as far as its title needs it."""

    about: UUID
    pupil_id: UUID
    form_id: UUID
    """The application, or the supplement."""
    what: str
    at: datetime
    number: str
    """Of a place and of a supplement the activity's title."""


def news(pupils: Collection[UUID]) -> list[News]:
    """As things stand now (settings.FAMILY_NEWS). One query."""
    own = Application.objects.filter(pupil__in=pupils)
    reviews = Review.objects.filter(
        application__in=own.filter(state=ApplicationState.SUBMITTED).values("pk"), is_approval=True
    )
    unsaid = Q(state=ApplicationState.SUBMITTED) & ~Exists(Review.objects.filter(application=OuterRef("pk")))
    moved = own.filter(unsaid | Q(state__in=[ApplicationState.WAITING, ApplicationState.REFUSED]))
    told_at = Coalesce("decided_at", "waiting_since", "submitted_at")
    rows = _rows(reviews, "application", what=("reviewed_", "side"), at="at", number="application__number").union(
        _rows(moved, "", what=("application_", "state"), at=told_at, number="number"),
        _rows(
            Agreement.objects.filter(pupil__in=pupils),
            "application",
            what=("agreement_", "state"),
            at=Coalesce("ended_at", "application__decided_at", "school_signed_at"),
            number="number",
        ),
        _rows(
            ChosenActivity.objects.filter(
                application__pupil__in=pupils,
                supplement=None,
                holds_place=True,
                placed_at__gt=F("application__decided_at"),
            ).annotate(given=Value("given")),
            "application",
            what=("place_", "given"),
            at="placed_at",
            number="activity__title",
        ),
        *_of_supplements(pupils),
        all=True,
    )  # fmt: skip
    return [_news(Row(*row)) for row in rows]


def _of_supplements(pupils: Collection[UUID]) -> list[QuerySet[Any]]:
    """Each word while the other side's is awaited, and where it stands."""
    own = Supplement.objects.filter(application__pupil__in=pupils)
    waits = own.filter(state=SupplementState.SUBMITTED)
    unsaid = Q(state=SupplementState.SUBMITTED) & ~Exists(Review.objects.filter(supplement=OuterRef("pk")))
    moved = own.filter(unsaid | Q(state__in=[each for each in TOLD if each != SupplementState.SUBMITTED]))
    left_at = Max("choices__ended_at", filter=Q(state=SupplementState.WITHDRAWN))
    return [
        _rows(
            Review.objects.filter(supplement__in=waits.values("pk"), is_approval=True),
            "application", form="supplement_id", what=("supplement_reviewed_", "side"), at="at",
            number="supplement__choices__activity__title",
        ),
        _rows(
            moved, "application", form="pk", what=(SUPPLEMENT, "state"),
            at=Coalesce(left_at, "decided_at", "waiting_since", "submitted_at"), number="choices__activity__title",
        ),
    ]  # fmt: skip


def latest(row: Application | Supplement) -> News | None:
    """What the family was told last of one form; None while nobody has said anything. One query."""
    own = {row.pk, *row.reviews.values_list("pk", flat=True)}
    if is_further := isinstance(row, Supplement):
        pupil = row.application.pupil_id
    else:
        pupil, agreement = row.pupil_id, getattr(row, "agreement", None)
        own |= {choice.pk for choice in row.choices.all()} | ({agreement.pk} if agreement else set())
    found = [
        each
        for each in news([pupil])
        if each.about in own
        and each.what.startswith(SUPPLEMENT) == is_further
        and not each.what.endswith("_submitted")
    ]
    return max(found, key=lambda each: each.at, default=None)


def reached(told: News) -> Reach:
    """Whether the family can read it and has. One query."""
    rows = {"agreement": Agreement, "reviewed": Review, "place": ChosenActivity, "application": Application}
    where = rows.get(told.what.removeprefix(SUPPLEMENT).partition("_")[0], Supplement)
    pupil = "pupil" if where in (Application, Agreement) else "application__pupil"
    return reach(where._default_manager.filter(pk=told.about), pupil=pupil, what=Value(told.what))


def _rows(
    rows: QuerySet[Any],
    through: str,
    *,
    what: tuple[str, str],
    at: str | Coalesce,
    number: str,
    form: str = "",
) -> QuerySet[Any]:
    """`through` is the way to the application; `form` to what is shown, where that is another one."""
    prefix, state = what
    found = rows.annotate(
        told_pupil=F(f"{through}__pupil_id" if through else "pupil_id"),
        told_form=F(form or (f"{through}_id" if through else "pk")),
        told_what=Concat(Value(prefix), state, output_field=CharField()),
        told_at=F(at) if isinstance(at, str) else at,
        told_number=F(number),
    )
    names = ("pk", "told_pupil", "told_form", "told_what", "told_at", "told_number")
    listed: QuerySet[Any] = found.values_list(*names)
    return listed


def _news(row: Row) -> News:
    is_further = row.what.startswith(SUPPLEMENT)
    page = "enrolment:supplement" if is_further else "enrolment:application"
    return News(
        about=row.about,
        what=row.what,
        at=row.at,
        kind=_kind(row),
        title=str(TITLES[row.what]) % {"number": row.number},
        pupil_id=row.pupil_id,
        lines=partial(_lines, row),
        url=reverse(page, args=[row.form_id]),
        link=gettext("查看申请"),
        right=Permission.ENROLMENT_APPLY,
    )


def _kind(row: Row) -> str:
    if row.what.startswith(SUPPLEMENT):
        return gettext("补充申请")
    return gettext("托管协议") if row.what.startswith(("agreement_", "place_")) else gettext("申请结果")


def _lines(row: Row) -> list[str]:
    if "reviewed_" in row.what:
        return [gettext("还要另一方审核，结果会在“通知”里告诉您。")]
    words: dict[str, Callable[[UUID], list[str]]] = {
        "application_submitted": _submitted_lines,
        "application_waiting": _waiting_lines,
        "application_refused": _refusal_lines,
        "place_given": _place_lines,
        **{f"{SUPPLEMENT}{state}": _supplement_lines for state in TOLD},
    }
    return words.get(row.what, _agreement_lines)(row.about)


def _supplement_lines(supplement: UUID) -> list[str]:
    """To every adult who signs for the child (S1): what stands now, and what follows."""
    row = Supplement.objects.select_related("guardian", "application__agreement").get(pk=supplement)
    choice = row.choices.select_related("activity").get()
    names = {"number": row.number, "adult": row.guardian.name, "first": choice.placed_from}
    refused = row.reviews.filter(is_approval=False).order_by("at", "pk")
    said: dict[str, list[str]] = {
        "submitted": [
            gettext("由 %(adult)s 提交并签名，编号 %(number)s。已签的协议不变。") % names,
            gettext("不是您家的意思，可以在申请页面撤回，并马上联系学校。"),
        ],
        "waiting": _waiting_lines(row.application_id),
        "placed": [
            gettext("从 %(first)s 起可以参加。已签的协议不变，这项活动随协议到期。") % names,
            gettext("收费按补充申请里写明的办法，结果会在“通知”里告诉您。"),
        ],
        "refused": [
            *(f"{each.get_side_display()}：{each.reason}" for each in refused),
            gettext("已签的协议不变。如不同意这个结果，可以重新申请，也可以向学校或教育局投诉。"),
        ],
        "withdrawn": [gettext("补充申请 %(number)s 已撤回，已签的协议不变。需要时可以重新申请。") % names],
    }
    return said.get(row.state, [])


def _submitted_lines(application: UUID) -> list[str]:
    """To every adult who signs for the child (S1): who applied, and what to do when that was not agreed."""
    row = Application.objects.select_related("guardian").get(pk=application)
    return [
        gettext("由 %(adult)s 提交并签名，编号 %(number)s。")
        % {"adult": row.guardian.name, "number": row.number},
        gettext("不是您家的意思，可以在申请页面撤回，并马上联系学校。"),
    ]


def _waiting_lines(_application: UUID) -> list[str]:
    return [
        gettext(
            "两方都已同意。名额按提交申请的时间排，现在还没有轮到：所选活动没有空余名额，或更早提交的申请还在审核。"
            "轮到时自动递补，递补后会在“通知”里告诉您。"
        ),
        gettext("候补期间不收费。"),
    ]


def _refusal_lines(application: UUID) -> list[str]:
    rows = Review.objects.filter(application=application, is_approval=False).order_by("at", "pk")
    said = gettext("%(side)s：%(reason)s")
    return [
        *(said % {"side": each.get_side_display(), "reason": each.reason} for each in rows),
        gettext("如不同意这个结果，可以重新申请，也可以向学校或教育局投诉。"),
    ]


def _agreement_lines(agreement: UUID) -> list[str]:
    row = Agreement.objects.defer("text").get(pk=agreement)
    application = row.application_id
    days = {"first": row.from_date, "last": row.until_date, "reason": row.end_reason}
    said: dict[str, tuple[str, str]] = {
        "active": (
            gettext("孩子从 %(first)s 起可以参加，到 %(last)s 为止。"),
            gettext("开具费用后会在“通知”里告诉您，公示以外的费用请不要交。"),
        ),
        "void": (gettext("协议在 %(first)s 生效前终止，没有开始服务。原因：%(reason)s"), _after()),
        "ended": (gettext("最后一天是 %(last)s。原因：%(reason)s"), _after()),
    }
    first, after = (line % days for line in said[row.state])
    parts = _parts(application) if row.state == AgreementState.ACTIVE else []
    return [first, *parts, after]


def _place_lines(choice: UUID) -> list[str]:
    """At every move up: what came, what the child has now, what still waits."""
    row = ChosenActivity.objects.select_related("activity").get(pk=choice)
    first = gettext("从 %(first)s 起可以参加“%(title)s”。协议不用重新签。") % {
        "first": row.placed_from,
        "title": row.activity.title,
    }
    return [first, *(_parts(row.application_id) or [gettext("所选活动都已有名额。")])]


def _parts(application: UUID) -> list[str]:
    """What the child has and what it waits for, while something waits."""
    waits = [row.activity.title for row in _in_order(holders.waits_for(application))]
    if not waits:
        return []
    held = _in_order(ChosenActivity.objects.filter(application=application, holds_place=True))
    return [
        gettext("已有名额：%(titles)s。") % {"titles": "、".join(row.activity.title for row in held)},
        gettext(
            "还在候补：%(titles)s。轮到时自动递补，第二天起参加，会在“通知”里告诉您；也可以在申请页面撤回候补。"
        )
        % {"titles": "、".join(waits)},
    ]


def _in_order(rows: QuerySet[ChosenActivity]) -> QuerySet[ChosenActivity]:
    return rows.select_related("activity").order_by(
        "activity__weekday", "activity__starts", "activity__title", "pk"
    )


def _after() -> str:
    return gettext("缴过费的，应退多少由学校按规定计算，结果会在“通知”里告诉您。")
