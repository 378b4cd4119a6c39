"""The one write of a roster import: all of a plan in one transaction, or nothing."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import locks
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from schools.people import denials, logins, marks, telling, ties
from schools.people.models import Change, ChangeKind, Guardian, Pupil, RosterImport, SchoolClass, Tie
from schools.people.rights import Rights
from schools.people.roster.checking import Tick
from schools.people.roster.planning import Plan

BATCH: Final = 500


class NotRight(Refused):
    """The roster has flaws; they are mended in the workbook."""

    code = "roster.has_flaws"
    message = _("名册里还有 %(flaws)s 处问题，没有导入。请下载标出问题的名册，改好后重新上传。")


class NotMissing(Refused):
    """Somebody who stands in the roster, or has left, was to be marked as left."""

    code = "roster.not_missing"
    message = _("要标记离校的学生里，有人在名册里或已经离校。请重新上传名册后再选。")


class Changed(Refused):
    """The school is not what the preview was made from, or another import is running."""

    code = "roster.changed"
    message = _("预览以后，学校的学生或家长有了变化，没有导入。请重新上传名册，再看一次预览。")


class AlreadyApplied(Refused):
    """The same upload was applied a moment ago."""

    code = "roster.already_applied"
    message = _("这份名册已经导入过了，不会重复导入。")


@dataclass(frozen=True)
class Source:
    """Where the plan came from; the id makes a second click harmless."""

    id: UUID
    file_name: str
    sha256: str


def apply(
    *, plan: Plan, source: Source, leaving: Collection[UUID] = (), by: User | None, now: datetime, tick: Tick
) -> RosterImport:
    """Write the plan, mark those of its missing pupils who are named in `leaving`, and keep what was done."""
    if not plan.is_right:
        raise NotRight(flaws=len(plan.flaws))
    gone = [pupil for pupil in plan.missing if pupil.pk in set(leaving)]
    if len(gone) != len(set(leaving)):
        raise NotMissing
    if RosterImport.objects.filter(pk=source.id).exists():
        raise AlreadyApplied
    today = local_date(now)
    for pupil in gone:
        pupil.left_date = today
    try:
        with transaction.atomic():
            done = _receipt(plan, source, by, now)
            _lock(plan, gone)
            _refuse_stale(plan, gone)
            if by is not None:
                ties.refuse_own_children([pupil.pk for pupil in [*_touched(plan), *gone]], by)
            hear = telling.signers([pupil.pk for pupil in _touched(plan)], but=())
            _write(plan, gone, _changes(plan, done), by=by, now=now, tick=tick)
            telling.by_roster(to=hear, by=by, now=now)
            marks.roll_changed(days={today}, now=now)
            audit.record(
                verb="people.roster.apply",
                target=done,
                by=by,
                at=now,
                details={
                    "created": done.created,
                    "updated": done.updated,
                    "moved": done.moved,
                    "missing": done.missing,
                    "marked_left": len(gone),
                    "new_guardians": len(plan.new_guardians),
                    "new_ties": len(plan.new_ties),
                    "renamed": len(plan.renamed),
                    "renamed_pupils": len(plan.renamed_pupils),
                    "not_written": dict(Counter(out.why.value for out in plan.left_out)),
                    "file_sha256": done.file_sha256,
                },
            )
    except IntegrityError as error:
        raise Changed from error
    return done


def _receipt(plan: Plan, source: Source, by: User | None, now: datetime) -> RosterImport:
    """First of all: a second import of the same upload waits here and then fails on the key."""
    receipt = RosterImport(
        id=source.id,
        file_name=source.file_name[-200:],
        file_sha256=source.sha256,
        by=by,
        applied_at=now,
        rows=plan.roster.rows,
        created=len(plan.created),
        updated=len(plan.updated),
        moved=len(plan.moved),
        missing=len(plan.missing),
        left_out=[out.kept for out in plan.left_out],
    )
    receipt.save(force_insert=True)
    return receipt


def _touched(plan: Plan) -> list[Pupil]:
    """Known children who get an adult more, another relation or another name, and those of adults who get a name."""
    new = {pupil.pk for pupil in plan.created}
    renamed = Tie.objects.filter(guardian__pk__among=[row.guardian.pk for row in plan.renamed])
    found = [tie.pupil for tie in plan.new_ties if tie.pupil_id not in new]
    found += [row.pupil for row in plan.renamed_pupils] + [tie.pupil for tie in plan.related]
    found += [tie.pupil for tie in renamed.select_related("pupil")] if plan.renamed else []
    return list({pupil.pk: pupil for pupil in found}.values())


def _refuse_stale(plan: Plan, gone: Sequence[Pupil]) -> None:
    """Under the locks: what the plan was made from still stands, and nobody was denied or has left meanwhile (S24)."""
    pupils = Pupil.objects.filter(pk__among=[pupil.pk for pupil in plan.changed_pupils])
    fields = pupils.values_list("pk", "name", "school_class", "left_date", "is_hardship")
    adults = Guardian.objects.filter(pk__among=list(plan.seen_adults)).values_list("pk", "name")
    if any(plan.seen_pupils[pk] != tuple(seen) for pk, *seen in fields):
        raise Changed
    if any(plan.seen_adults[pk] != name for pk, name in adults):
        raise Changed
    if Pupil.objects.filter(pk__among=[pupil.pk for pupil in gone], left_date__isnull=False).exists():
        raise Changed
    _refuse_denied(plan)


def _refuse_denied(plan: Plan) -> None:
    """Everybody whom the plan ties, and everybody whom it gives another name, for each of their children."""
    denied = denials.of([pupil.pk for pupil in _touched(plan)])
    called = {row.guardian.pk: row.guardian for row in plan.renamed}
    held = Tie.objects.filter(guardian__pk__among=list(called)).values_list("guardian", "pupil")
    coming = [(tie.guardian, tie.pupil_id) for tie in plan.new_ties]
    coming += [(called[guardian], pupil) for guardian, pupil in held] if called else []
    for adult, pupil in coming:
        if any(
            known.tie.guardian_id != adult.pk and known.is_meant_by(name=adult.name, phone=adult.phone)
            for known in denied.get(pupil, ())
        ):
            raise Changed


def _changes(plan: Plan, done: RosterImport) -> list[Change]:
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


def _write(
    plan: Plan,
    gone: Sequence[Pupil],
    changes: Sequence[Change],
    *,
    by: User | None,
    now: datetime,
    tick: Tick,
) -> None:
    steps = list(_steps(plan, gone, changes, by, now))
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
    plan: Plan, gone: Sequence[Pupil], changes: Sequence[Change], by: User | None, now: datetime
) -> Iterator[tuple[Sequence[Model], Writer]]:
    """Rows and how they are written, in the order of their keys. New ones by what makes them unique: where two imports
    enter the same, one waits at the first of them and the other at none."""
    yield _in_order(plan.new_classes, "entry_year", "number"), SchoolClass.objects.bulk_create
    yield plan.moved_up, _changing(SchoolClass, "grade", "name")
    yield _in_order(plan.created, "number"), Pupil.objects.bulk_create
    yield plan.changed_pupils, _changing(Pupil, "name", "school_class", "is_hardship", "left_date")
    yield gone, _changing(Pupil, "left_date")
    adults = _in_order(plan.new_guardians, "phone")
    yield (
        adults,
        Guardian.objects.bulk_create,
    )  # all of them before the first login: as everybody else does it
    yield adults, lambda rows: _with_logins(rows, by, now)
    renamed = [row.guardian for row in plan.renamed]
    yield renamed, _changing(Guardian, "name")
    yield renamed, logins.rename
    yield _in_order(plan.new_ties, "guardian_id", "pupil_id"), Tie.objects.bulk_create
    yield plan.related, _changing(Tie, "relation")
    yield changes, Change.objects.bulk_create


def _lock(plan: Plan, gone: Sequence[Pupil]) -> None:
    """All rows that will change, before the first is written: in the order of the house, each kind by its keys."""
    changing: list[tuple[type[Any], Sequence[Any]]] = [
        (SchoolClass, plan.moved_up),
        (Pupil, [*plan.changed_pupils, *gone, *_touched(plan)]),
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
