"""Which guardians' answers about an adult of a child count (S1, S24).

Whoever asks could answer too, by naming a second number of the own as an adult, or by correcting a parent's number to it.
So a yes counts from who could sign by this number before the question, and before the denial that it is about, and who
has neither the right nor the number by the asker's hand. Where nobody is left, the school's two hands decide (deciding).

Ties of a roster have no entry of their own: they are told by their keys, which are made after the upload they came with.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from afterbell.audit import queries as audit
from schools.people import queries
from schools.people.models import AdultQuestion, Change, ChangeKind, Guardian, Pupil, RosterImport, Tie

GIVEN: Final = ("people.tie.add", "people.tie.change")


@dataclass(frozen=True)
class Given:
    """When and by whom an adult last came to the right to sign, or to the number."""

    at: datetime
    by: UUID | None


def of(row: AdultQuestion) -> list[Guardian]:
    """At most seven queries; two where nobody signs."""
    able = {guardian.pk: guardian for guardian in queries.signers_but(row.pupil, row.phone)}
    ties = {
        tie.guardian_id: tie.pk
        for tie in Tie.objects.filter(pupil=row.pupil_id, guardian__pk__among=list(able))
    }
    if not ties:
        return []
    before = min(row.at, queries.denied_at(row) or row.at)
    rights, late = _rights(ties.values()), _by_roster_since(before, ties.values())
    numbers = _numbers(able.values())
    return [
        able[guardian]
        for guardian, tie in ties.items()
        if _is_older(rights.get(tie), before, row.by_id)
        and _is_older(numbers.get(guardian), before, row.by_id)
        and not (tie in late and tie not in rights)
    ]


def could_sign(guardian: Guardian, pupil: Pupil, *, before: datetime, but_by: UUID | None = None) -> bool:
    """Whether an adult who signs now came to the right and to the number before that moment, and not by that hand."""
    tie = Tie.objects.get(guardian=guardian, pupil=pupil).pk
    given = [_rights([tie]).get(tie), _numbers([guardian]).get(guardian.pk)]
    if given[0] is None and tie in _by_roster_since(before, [tie]):
        return False
    return all(_is_older(each, before, but_by) for each in given)


def is_one(row: AdultQuestion, user_id: UUID) -> bool:
    return any(guardian.user_id == user_id for guardian in of(row))


def _is_older(given: Given | None, before: datetime, asker: UUID | None) -> bool:
    return given is None or (given.at < before and (asker is None or given.by != asker))


def _rights(ties: Iterable[UUID]) -> dict[UUID, Given]:
    """The last gain of a right to sign, by tie."""
    keys = {f"people.tie:{pk}": pk for pk in ties}
    return {
        keys[entry.target]: Given(entry.at, entry.by_id)
        for entry in audit.deeds_on(keys, verbs=GIVEN)
        if _gains(entry.details)
    }


def _gains(details: Mapping[str, object]) -> bool:
    was = details.get("was")
    had = isinstance(was, dict) and was.get("signs") is True
    return details.get("signs") is True and not had


def _numbers(adults: Collection[Guardian]) -> dict[UUID, Given]:
    """The last number that somebody else gave the adult: the own yes to another one leaves the person who it was."""
    users = {adult.pk: adult.user_id for adult in adults}
    rows = Change.objects.filter(kind=ChangeKind.PHONE, guardian__pk__among=list(users)).order_by("at", "pk")
    return {
        row.guardian_id: Given(row.at, row.by_id)
        for row in rows
        if row.guardian_id is not None and (row.by_id is None or row.by_id != users[row.guardian_id])
    }


def _by_roster_since(before: datetime, ties: Iterable[UUID]) -> set[UUID]:
    imports = RosterImport.objects.filter(applied_at__gte=before).values_list("pk", flat=True)
    first = min(imports, default=None)
    return {tie for tie in ties if first is not None and tie > first}
