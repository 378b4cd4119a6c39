"""The one write of a roster import: all of a plan in one transaction, or nothing."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from schools.people import denials, marks, naming, telling, ties
from schools.people.models import Guardian, Pupil, RosterImport, Tie
from schools.people.roster import writing
from schools.people.roster.checking import Tick
from schools.people.roster.leftovers import LeftOut
from schools.people.roster.plans import Plan


class NotRight(Refused):
    """The roster has flaws; they are mended in the workbook."""

    code = "roster.has_flaws"
    message = _("名册里还有 %(flaws)s 处问题，没有导入。请下载标出问题的名册，改好后重新上传。")


class NotWhole(Refused):
    """Who stands in a row that is given back could be taken for missing."""

    code = "roster.not_whole"
    message = _("还有没导入的行，不能同时标记离校。请先改好这些行、重新上传，再标记名册里没有的学生。")


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
    *,
    plan: Plan,
    source: Source,
    leaving: Collection[UUID] = (),
    in_part: bool = False,
    by: User | None,
    now: datetime,
    tick: Tick,
) -> RosterImport:
    """Write the plan, mark those of its missing pupils who are named in `leaving`, and keep what was done.

    `in_part`: the good rows alone. Those with flaws are named in what is kept, and nobody is marked as left beside them.
    """
    if not plan.is_right and not (in_part and plan.is_in_part):
        raise NotRight(flaws=len(plan.flaws))
    if leaving and not plan.is_right:
        raise NotWhole
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
            writing.lock(plan, gone)
            _refuse_stale(plan, gone)
            if by is not None:
                ties.refuse_own_children([pupil.pk for pupil in [*writing.touched(plan), *gone]], by)
            known = {pupil.pk for pupil in writing.touched(plan)}
            opened = [tie.pupil_id for tie in plan.new_ties if tie.pupil_id in known and telling.lets_in(tie)]
            hear, let_in = telling.signers(known, but=()), telling.signers(opened, but=())
            writing.write(plan, gone, writing.changes(plan, done), by=by, now=now, tick=tick)
            telling.by_roster(to=hear, let_in=let_in, by=by, now=now)
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
                    "not_written": dict(Counter(out.why.value for out in _not_written(plan))),
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
        left_out=[out.kept for out in _not_written(plan)],
    )
    receipt.save(force_insert=True)
    return receipt


def _not_written(plan: Plan) -> list[LeftOut]:
    return [*plan.left_out, *plan.turned_back]


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
    _refuse_doubled(plan)


def _refuse_doubled(plan: Plan) -> None:
    """A contact has no number, and so no key that stops a second one: two imports at once, or a clerk's entry."""
    if not plan.contacts:
        return
    there = Tie.objects.filter(pupil__pk__among=[tie.pupil_id for tie in plan.contacts])
    names = {(pupil, naming.likened(name)) for pupil, name in there.values_list("pupil", "guardian__name")}
    if any((tie.pupil_id, naming.likened(tie.guardian.name)) in names for tie in plan.contacts):
        raise Changed


def _refuse_denied(plan: Plan) -> None:
    """Everybody whom the plan ties, and everybody whom it gives another name, for each of their children."""
    denied = denials.of([pupil.pk for pupil in writing.touched(plan)])
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
