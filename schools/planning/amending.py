"""What of a published plan may be amended, as it was and as it will be, and the difference in words; mostly pure.

Amended are places, further activities, the planned cost and the expected number: nothing that a family has signed. Fee,
unit, cap, collector, days, and the time, room and grades of an activity stay as they were published (infra/decisions/0030).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import time
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from afterbell.kernel.money import Fen, format_fen
from schools.planning import queries, rules, wording
from schools.planning.drafting import NewActivity
from schools.planning.models import Activity, ActivityKind, CostKind, Plan


@dataclass(frozen=True)
class Group:
    """An activity of a version, as it is kept in JSON; a new one has the key that it will have."""

    id: str
    title: str
    kind: str
    weekday: int
    starts: str
    ends: str
    room_id: str
    grade_from: int
    grade_to: int
    capacity: int

    @classmethod
    def of(cls, key: UUID, row: Activity | NewActivity) -> "Group":
        return cls(
            str(key), row.title, str(ActivityKind(row.kind).value), row.weekday, f"{row.starts:%H:%M}",
            f"{row.ends:%H:%M}", str(row.room_id), row.grade_from, row.grade_to, row.capacity,
        )  # fmt: skip

    def row(self, plan: Plan) -> Activity:
        """Not saved."""
        given = asdict(self) | {
            "starts": time.fromisoformat(self.starts),
            "ends": time.fromisoformat(self.ends),
        }
        given |= {"id": UUID(self.id), "room_id": UUID(self.room_id)}
        return Activity(plan=plan, **given)


@dataclass(frozen=True)
class Cost:
    """A line of the planned cost."""

    id: str
    kind: str
    title: str
    amount_fen: int


@dataclass(frozen=True)
class Content:
    """As much of a version as may be another in the next one. Activities by day and time, costs as entered."""

    participants: int
    groups: tuple[Group, ...]
    costs: tuple[Cost, ...]

    @classmethod
    def of(cls, plan: Plan) -> "Content":
        groups = tuple(Group.of(row.pk, row) for row in queries.activities(plan))
        costs = tuple(
            Cost(str(row.pk), row.kind, row.title, row.amount_fen) for row in queries.cost_lines(plan)
        )
        return cls(plan.expected_participants, groups, costs)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Content":
        groups = tuple(Group(**each) for each in kept["groups"])
        return cls(kept["participants"], groups, tuple(Cost(**each) for each in kept["costs"]))

    def kept(self) -> dict[str, Any]:
        return {
            "participants": self.participants,
            "groups": [asdict(each) for each in self.groups],
            "costs": [asdict(each) for each in self.costs],
        }

    def with_group(self, new: Group) -> "Content":
        groups = sorted(
            (*self.groups, new), key=lambda each: (each.weekday, each.starts, each.title, each.id)
        )
        return replace(self, groups=tuple(groups))

    def without(self, key: str) -> "Content":
        """An activity or a cost line less."""
        return replace(
            self,
            groups=tuple(each for each in self.groups if each.id != key),
            costs=tuple(each for each in self.costs if each.id != key),
        )

    @property
    def cost(self) -> Fen:
        return Fen(sum(each.amount_fen for each in self.costs))


def difference(before: Content, after: Content, rooms: Mapping[str, str]) -> list[str]:
    """Field by field, in words; nothing where nothing differs. `rooms` are names by key."""
    return [*_groups(before, after, rooms), *_costs(before, after), *_numbers(before, after)]


def new_groups(before: Content, after: Content) -> list[Group]:
    known = {each.id for each in before.groups}
    return [each for each in after.groups if each.id not in known]


def _groups(before: Content, after: Content, rooms: Mapping[str, str]) -> list[str]:
    known = {each.id: each for each in before.groups}
    found = [
        _("“%(title)s”（%(when)s）的名额：%(before)s → %(after)s")
        % {
            "title": each.title,
            "when": when(each),
            "before": known[each.id].capacity,
            "after": each.capacity,
        }
        for each in after.groups
        if each.id in known and each.capacity != known[each.id].capacity
    ]
    words = _("新增活动：%(when)s %(title)s（%(kind)s），%(from)s—%(to)s 年级，名额 %(n)s，%(room)s")
    found += [
        words
        % {
            "when": when(each), "title": each.title, "kind": ActivityKind(each.kind).label, "from": each.grade_from,
            "to": each.grade_to, "n": each.capacity, "room": rooms.get(each.room_id, wording.UNKNOWN_ROOM),
        }
        for each in new_groups(before, after)
    ]  # fmt: skip
    return found


def when(group: Group) -> str:
    """Two activities of one name are told apart by it."""
    return f"{rules.WEEKDAYS[group.weekday]} {group.starts}—{group.ends}"


def _costs(before: Content, after: Content) -> list[str]:
    had, has = {each.id for each in before.costs}, {each.id for each in after.costs}
    return [
        *_each(
            _("新增成本：%(kind)s：%(title)s %(fen)s"), [each for each in after.costs if each.id not in had]
        ),
        *_each(
            _("取消成本：%(kind)s：%(title)s %(fen)s"), [each for each in before.costs if each.id not in has]
        ),
    ]


def _each(words: str, costs: Sequence[Cost]) -> list[str]:
    return [
        words
        % {"kind": CostKind(each.kind).label, "title": each.title, "fen": format_fen(Fen(each.amount_fen))}
        for each in costs
    ]


def _numbers(before: Content, after: Content) -> list[str]:
    found = []
    if before.cost != after.cost:
        found.append(
            _("计划成本合计：%(before)s → %(after)s")
            % {"before": format_fen(before.cost), "after": format_fen(after.cost)}
        )
    if before.participants != after.participants:
        found.append(
            _("预计参加人数：%(before)s → %(after)s")
            % {"before": before.participants, "after": after.participants}
        )
    return found
