"""The deny list of a child means persons (S24): by every name and every number under which the school knew them.

A denied person who comes under another name AND another number can't be known from either; the handbook says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts import phones
from afterbell.kernel.errors import Refused
from schools.people.models import Change, ChangeKind, Pupil, Tie
from schools.people.naming import likened


class Denied(Refused):
    """Nobody but the office, after lifting the denial, gives a denied adult anything (S24)."""

    code = "people.denied"
    message = gettext_lazy("学校登记了这位成年人不得接走孩子，不能这样办理。如有疑问，请联系学校办公室。")


class DeniedBefore(Denied):
    """The same for the office: whom, who denied it, when and why. The only way on is to lift the denial."""

    code = "people.denied_before"
    message = gettext_lazy(
        "不能办理：%(same)s。学校登记了 %(adult)s（%(phone)s）不得接走 %(pupil)s，%(who)s，原因：%(reason)s。"
        "确实可以恢复的，请先在学生页面写明原因、解除禁止。"
    )


class DeniedNow(Denied):
    """The same for the office, of an adult who is on the child's list."""

    code = "people.denied_now"
    message = gettext_lazy(
        "已经登记 %(adult)s 不得接走 %(pupil)s（%(who)s，原因：%(reason)s），不能这样办理。"
        "确实可以恢复的，请先在学生页面提出解除禁止。"
    )


@dataclass(frozen=True)
class Known:
    """A denied adult of a child, by all that the school ever called them."""

    tie: Tie
    names: frozenset[str]
    phones: frozenset[str]

    def is_meant_by(self, *, name: str, phone: str) -> bool:
        """An empty name or phone is not compared."""
        return bool(name and likened(name) in self.names) or bool(phone and phone in self.phones)


def of(pupils: Iterable[UUID] | None = None) -> Mapping[UUID, list[Known]]:
    """By child: of these, or of all. Two queries."""
    ties = Tie.objects.filter(is_denied=True).select_related("guardian", "pupil").order_by("pk")
    found = list(ties if pupils is None else ties.filter(pupil__pk__among=pupils))
    names: dict[UUID, set[str]] = defaultdict(set)
    numbers: dict[UUID, set[str]] = defaultdict(set)
    former = Change.objects.filter(
        guardian__pk__among={tie.guardian_id for tie in found}, kind__in=[ChangeKind.NAME, ChangeKind.PHONE]
    )
    for guardian, kind, before in former.values_list("guardian_id", "kind", "before") if found else ():
        (names if kind == ChangeKind.NAME else numbers)[guardian].add(before)
    known: dict[UUID, list[Known]] = defaultdict(list)
    for tie in found:
        adult = tie.guardian
        called = {likened(name) for name in (adult.name, *names[adult.pk])}
        known[tie.pupil_id].append(
            Known(tie, frozenset(called), frozenset({adult.phone, *numbers[adult.pk]}))
        )
    return known


def refuse(*, pupil: Pupil, name: str = "", phone: str = "", but: UUID | None = None) -> None:
    """Raises DeniedBefore when the name or the number is denied for this child. Call it under the pupil's lock.

    `but` is an adult whose own denial is not meant: the name of a denied adult is spelt right.
    """
    for known in of([pupil.pk]).get(pupil.pk, ()):
        if known.tie.guardian_id != but and known.is_meant_by(name=name, phone=phone):
            raise DeniedBefore(**said_of(known, name=name))


def said_of(known: Known, *, name: str) -> dict[str, object]:
    """What the office is told of a denial."""
    tie = known.tie
    by_name = bool(name) and likened(name) in known.names
    return {
        "same": _("姓名和被禁止的人相同") if by_name else _("手机号和被禁止的人相同"),
        "adult": tie.guardian.name,
        "phone": phones.shown(tie.guardian.phone),
        "pupil": tie.pupil.name,
        "who": who_denied(tie),
        "reason": tie.denied_reason,
    }


def refuse_denied(tie: Tie) -> None:
    """For the office. Raises DeniedNow."""
    if tie.is_denied:
        names = {"adult": tie.guardian.name, "pupil": tie.pupil.name}
        raise DeniedNow(**names, who=who_denied(tie), reason=tie.denied_reason)


def who_denied(tie: Tie) -> str:
    """By whom and when, as far as it is known: denials of before the history was kept have only their reason."""
    row = (
        Change.objects.filter(kind=ChangeKind.DENIED, pupil=tie.pupil_id, guardian=tie.guardian_id)
        .select_related("by")
        .order_by("-at", "-pk")
        .first()
    )
    if row is None:
        return _("登记人和日期没有记下")
    day = timezone.localtime(row.at)
    return _("由 %(by)s 于 %(day)s 登记") % {
        "by": row.by.name if row.by else _("系统"),
        "day": f"{day:%Y-%m-%d}",
    }


def same_person(tie: Tie) -> list[Tie]:
    """The live ties of the child to adults of the same name: who is denied is denied under each number."""
    live = Tie.objects.filter(pupil=tie.pupil_id, ended_at__isnull=True, is_denied=False)
    called = likened(tie.guardian.name)
    return [row for row in live.select_related("guardian") if likened(row.guardian.name) == called]
