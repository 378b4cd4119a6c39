"""Writes the rows of a plan, in the order of the house: what is locked, what is written after what, what history keeps."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Model
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.kernel import locks
from schools.people import logins
from schools.people.models import Change, ChangeKind, Guardian, Pupil, RosterImport, SchoolClass, Tie
from schools.people.rights import Rights
from schools.people.roster.checking import Tick
from schools.people.roster.plans import Plan

BATCH: Final = 500


def touched(plan: Plan) -> list[Pupil]:
    """Known children who get an adult more, another relation or another name, and those of adults who get a name."""
    new = {pupil.pk for pupil in plan.created}
    renamed = Tie.objects.filter(guardian__pk__among=[row.guardian.pk for row in plan.renamed])
    found = [tie.pupil for tie in plan.new_ties if tie.pupil_id not in new]
    found += [row.pupil for row in plan.renamed_pupils] + [tie.pupil for tie in plan.related]
    found += [tie.pupil for tie in renamed.select_related("pupil")] if plan.renamed else []
    return list({pupil.pk: pupil for pupil in found}.values())


def changes(plan: Plan, done: RosterImport) -> list[Change]:
    """The history of who is called otherwise now: the office said that it is the same person. And of who is what now."""
    said = {
        "reason": str(_("名册导入：%(file)s") % {"file": done.file_name}),
        "by": done.by,
        "at": done.applied_at,
    }
    found = [
        Change(
            kind=ChangeKind.NAME, guardian=row.guardian, before=row.before, after=row.guardian.name, **said
        )
        for row in plan.renamed
    ]
    found += [
        Change(kind=ChangeKind.PUPIL_NAME, pupil=row.pupil, before=row.before, after=row.pupil.name, **said)
        for row in plan.renamed_pupils
    ]
    found += [
        Change(
            kind=ChangeKind.RIGHTS, guardian=tie.guardian, pupil=tie.pupil, after=Rights.of(tie).packed,
            before=plan.related_before[tie.pk].packed, **said,
        )
        for tie in plan.related
    ]  # fmt: skip
    return found


def write(
    plan: Plan,
    gone: Sequence[Pupil],
    history: Sequence[Change],
    *,
    by: User | None,
    now: datetime,
    tick: Tick,
) -> None:
    steps = list(_steps(plan, gone, history, by, now))
    total = sum(len(rows) for rows, _writer in steps)
    done = 0
    for rows, writer in steps:
        for start in range(0, len(rows), BATCH):
            piece = rows[start : start + BATCH]
            writer(piece)
            done += len(piece)
            tick(done, total)


Writer = Callable[[Sequence[Any]], object]


def _steps(
    plan: Plan, gone: Sequence[Pupil], history: Sequence[Change], by: User | None, now: datetime
) -> Iterator[tuple[Sequence[Model], Writer]]:
    """Rows and how they are written, in the order of their keys. New ones by what makes them unique: where two imports
    enter the same, one waits at the first of them and the other at none."""
    yield _in_order(plan.new_classes, "entry_year", "number"), SchoolClass.objects.bulk_create
    yield plan.moved_up, _changing(SchoolClass, "grade", "name")
    yield _in_order(plan.created, "number"), Pupil.objects.bulk_create
    yield plan.changed_pupils, _changing(Pupil, "name", "school_class", "is_hardship", "left_date")
    yield gone, _changing(Pupil, "left_date")
    adults = _in_order(plan.new_guardians, "phone")
    yield adults, Guardian.objects.bulk_create
    # all of them before the first login, as everybody else does it; a contact without a number gets none
    yield [adult for adult in adults if adult.phone], lambda rows: _with_logins(rows, by, now)
    renamed = [row.guardian for row in plan.renamed]
    yield renamed, _changing(Guardian, "name")
    yield renamed, logins.rename
    yield _in_order(plan.new_ties, "guardian_id", "pupil_id"), Tie.objects.bulk_create
    yield plan.related, _changing(Tie, "relation")
    yield history, Change.objects.bulk_create


def lock(plan: Plan, gone: Sequence[Pupil]) -> None:
    """All rows that will change, before the first is written: in the order of the house, each kind by its keys."""
    changing: list[tuple[type[Any], Sequence[Any]]] = [
        (SchoolClass, plan.moved_up),
        (Pupil, [*plan.changed_pupils, *gone, *touched(plan)]),
        (Guardian, [*(row.guardian for row in plan.renamed), *_known_adults(plan)]),
        (Tie, plan.related),
    ]
    for model, rows in changing:
        if rows:
            list(locks.locked_rows(model, [row.pk for row in rows]).values_list("pk"))


def _known_adults(plan: Plan) -> list[Guardian]:
    return [tie.guardian for tie in plan.new_ties if tie.guardian.pk in plan.seen_adults]


def _in_order(rows: Sequence[Any], *names: str) -> list[Any]:
    return sorted(rows, key=lambda row: [getattr(row, name) for name in names])


def _with_logins(rows: Sequence[Guardian], by: User | None, now: datetime) -> None:
    logins.give(rows, by=by, now=now)
    _changing(Guardian, "user")(rows)


def _changing(model: type[Model], *fields: str) -> Writer:
    """One INSERT … ON CONFLICT for many rows: far faster than a CASE for each."""

    def write(rows: Sequence[Any]) -> None:
        model._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )

    return write
