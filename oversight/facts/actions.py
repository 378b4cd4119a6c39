"""The roll-up: takes a school's marks, asks the school, keeps the answers. One transaction a school.

First the school's pulse is taken: one roll-up of a school at a time, and the next sees all that the one before has
written. Then the marks, with DELETE … RETURNING, before the school is asked: a change that commits later has a mark of
its own and is computed by the next run. So whoever asks later knows more, and every answer is kept: no clock decides,
and no mark goes without its fact. `version` comes from the pulse, a counter in the database.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from afterbell.kernel.strings import dotted
from afterbell.outbox.models import Grain, Mark
from oversight.facts import collect, rollups
from oversight.facts.models import AreaPulse, ClassFact, DayFact, MonthFact, Pulse, TermFact
from tenants import context
from tenants.letterbox import queries as letterbox
from tenants.models import School, Term

NOT_CONTENT = frozenset({"id", "version", "computed_at", "school"})


@dataclass(frozen=True)
class Rolled:
    """What one roll-up did: rows computed, and how many differed from what was kept."""

    rows: int
    changed: int
    touched: frozenset[str] = field(default=frozenset(), compare=False)
    """Terms whose roll-ups the facts change."""


def drain(*, school: School, now: datetime) -> Rolled:
    """Compute what is marked. Safe to run twice at once and after a kill: the marks come back with the rollback."""
    if not _is_marked(school):
        return Rolled(rows=0, changed=0)  # most schools of a sweep: nobody's pulse is taken for nothing
    with transaction.atomic():
        version = _taken_pulse(school, now)
        with context.in_school(school):
            days, months, terms = _taken_marks()
        rolled = _compute(school, days, months, terms, version=version, now=now)
        _follow(school, rolled.touched, now)
        return rolled


def recompute(*, school: School, now: datetime) -> Rolled:
    """Compute everything; `changed` is the drift, and it should be 0 after a drain."""
    with transaction.atomic():
        version = _taken_pulse(school, now)
        with context.in_school(school):
            days, months, terms = collect.everything()
        kept, letters = _kept(school), _letter_months(school)
        every = ({*days, *kept[0]}, {*months, *letters, *kept[1]}, {*terms, *kept[2]})
        rolled = _compute(school, *every, version=version, now=now)
        _follow(school, rolled.touched, now)
        return rolled


def take_stock(*, school: School, now: datetime) -> Rolled:
    """What is marked, or moved by the clock alone; then months and terms once more: `changed` is their drift.

    So drift is what was forgotten, and not what time did: checks run out, complaints fall due, children join on a
    date. Days are left to oversight.facts.full.
    """
    with transaction.atomic():
        version = _taken_pulse(school, now)
        with context.in_school(school):
            marked_days, marked_months, marked_terms = _taken_marks()
            moved_days, moved_months, moved_terms = collect.moved_by_time(now=now)
            _days, months, terms = collect.everything()
        letters, open_letters = _letter_months(school), _open_letter_months(school)
        known = _compute(
            school,
            {*marked_days, *moved_days},
            {*marked_months, *moved_months, *open_letters},
            {*marked_terms, *moved_terms},
            version=version,
            now=now,
        )
        kept = _kept(school)
        again = _compute(
            school, (), {*months, *letters, *kept[1]}, {*terms, *kept[2]}, version=version, now=now
        )
        _follow(school, known.touched | again.touched, now)
        return Rolled(rows=known.rows + again.rows, changed=again.changed)


def after_full_pass(*, now: datetime) -> None:
    """What the rooms above look at once everything is counted: rules that the clock alone can break."""
    for hook in settings.AFTER_FULL_PASS:
        dotted(hook)(now=now)


def note_failure(*, school: School, now: datetime) -> None:
    """The last try failed: the city's pages say how old this school's figures are."""
    with transaction.atomic(), context.in_city():
        Pulse.objects.update_or_create(
            school=school,
            defaults={"failed_at": now},
            create_defaults={"failed_at": now, "rolled_at": now, "version": 0},
        )


def note_sweep(*, began_at: datetime) -> None:
    """Every mark that was written before has been taken."""
    with transaction.atomic(), context.in_city():
        AreaPulse.objects.update_or_create(
            number=1,
            defaults={"swept_at": began_at},
            create_defaults={"swept_at": began_at, "rolled_at": began_at, "version": 0},
        )


def drift(*, school: School, now: datetime) -> int:
    """How many kept facts differ from a recomputation; nothing is changed."""
    with transaction.atomic():
        changed = recompute(school=school, now=now).changed
        transaction.set_rollback(True)
    return changed


def _is_marked(school: School) -> bool:
    with context.in_school(school):
        return Mark.objects.exists()


def _taken_pulse(school: School, now: datetime) -> int:
    with context.in_city():
        return rollups.take_pulses([school.pk], now=now)[school.pk]


def _taken_marks() -> tuple[set[date], set[str], set[str]]:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM outbox_mark RETURNING grain, bucket")
        marks = set(cursor.fetchall())
    return (
        {date.fromisoformat(bucket) for grain, bucket in marks if grain == Grain.DAY},
        {bucket for grain, bucket in marks if grain == Grain.MONTH},
        {bucket for grain, bucket in marks if grain == Grain.TERM},
    )


def _kept(school: School) -> tuple[set[date], set[str], set[str]]:
    """Buckets that have a fact already: one may have lost its reason."""
    with context.in_city():
        return (
            set(DayFact.objects.filter(school=school).values_list("date", flat=True)),
            set(MonthFact.objects.filter(school=school).values_list("month", flat=True)),
            set(TermFact.objects.filter(school=school).values_list("term_code", flat=True)),
        )


def _letter_months(school: School) -> list[str]:
    """Months in which families said something to the bureau: the school could not tell."""
    with context.in_city():
        return letterbox.months_of(school.pk)


def _classes_counted(school: School, terms: Collection[str], now: datetime) -> dict[str, date]:
    """Terms whose classes are counted (again), as of which day: not those that are long over and were counted before.

    One whose facts are made only after its end is counted then.
    """
    with context.in_city():
        of_terms = {code: collect.classes_as_of(code, now=now) for code in terms}
        settled = [code for code, (_on, is_long_over) in of_terms.items() if is_long_over]
        kept = set(
            ClassFact.objects.filter(school=school, term_code__in=settled).values_list("term_code", flat=True)
            if settled
            else ()
        )
    return {code: on for code, (on, _is_long_over) in of_terms.items() if code not in kept}


def _open_letter_months(school: School) -> list[str]:
    with context.in_city():
        return letterbox.open_months_of(school.pk)


def _compute(
    school: School,
    days: Collection[date],
    months: Collection[str],
    terms: Collection[str],
    *,
    version: int,
    now: datetime,
) -> Rolled:
    """Ask and keep; the caller holds the school's pulse, which gave this version."""
    if not (days or months or terms):
        return Rolled(rows=0, changed=0)
    counted = _classes_counted(school, terms, now)
    with context.in_school(school):
        of_days = collect.days(school, days)
        of_months = collect.months(school, months, now=now) if months else {}
        of_terms = {
            code: found for code in terms if (found := collect.term(school, code, now=now)) is not None
        }
        of_classes = [
            ClassFact(school=school, term_code=code, class_id=class_id, **fields)
            for code, on in counted.items()
            for class_id, fields in collect.classes(school, code, on=on).items()
        ]
    with context.in_city():
        of_months = collect.with_letters(of_months, letterbox.counts(school.pk, months, now=now))
    fresh_months = [
        MonthFact(school=school, month=month, term_code=term, **fields)
        for (month, term), fields in of_months.items()
    ]
    parts: list[Part] = [
        (
            DayFact.objects.filter(school=school, date__in=days),
            [DayFact(school=school, date=day, **fields) for day, fields in of_days.items()],
            ("date",),
        ),
        (MonthFact.objects.filter(school=school, month__in=months), fresh_months, ("month", "term_code")),
        (
            TermFact.objects.filter(school=school, term_code__in=terms),
            [TermFact(school=school, term_code=code, **fields) for code, fields in of_terms.items()],
            ("term_code",),
        ),
        (
            ClassFact.objects.filter(school=school, term_code__in=counted),
            of_classes,
            ("term_code", "class_id"),
        ),
    ]
    with context.in_city():
        touched = _touched(school, days, months, terms, fresh_months)
        changed = sum(_keep(kept, fresh, key, version=version, now=now) for kept, fresh, key in parts)
    return Rolled(sum(len(fresh) for _kept, fresh, _key in parts), changed, frozenset(touched))


def _follow(school: School, terms: frozenset[str], now: datetime) -> None:
    """What is made of the facts: the school's roll-ups, and what the rooms above see in them."""
    if not terms:
        return
    with context.in_city():
        rollups.write_schools([school.pk], terms, now=now)
        for hook in settings.AFTER_ROLL_UP:
            dotted(hook)(school=school, terms=terms, now=now)


Part = tuple[models.QuerySet[Any], list[Any], tuple[str, ...]]
"""What is kept, what was computed, and what tells rows apart."""


def _touched(
    school: School,
    days: Collection[date],
    months: Collection[str],
    terms: Collection[str],
    fresh: list[MonthFact],
) -> set[str]:
    """Terms whose roll-ups these buckets change; the kept months' too, since one may be taken away."""
    kept = MonthFact.objects.filter(school=school, month__in=months).values_list("term_code", flat=True)
    found = {*terms, *(row.term_code for row in fresh), *kept}
    if days:
        around = Term.objects.filter(first_date__lte=max(days), last_date__gte=min(days))
        for code, first, last in around.values_list("code", "first_date", "last_date"):
            if any(first <= day <= last for day in days):
                found.add(code)
    return found


def _keep(
    kept: models.QuerySet[Any], fresh: list[Any], key: tuple[str, ...], *, version: int, now: datetime
) -> int:
    """Insert, replace and take away; gives how many rows differed."""
    old = {_key(row, key): row for row in kept.order_by(*key, "id")}
    new = {_key(row, key): row for row in fresh}
    changed = 0
    for name, row in new.items():
        row.version, row.computed_at = version, now
        changed += name not in old or _content(old[name]) != _content(row)
    if new:
        fields = [field.attname for field in kept.model._meta.concrete_fields]
        kept.model._default_manager.bulk_create(
            new.values(),
            update_conflicts=True,
            unique_fields=["school", *key],
            update_fields=[name for name in fields if name not in {"id", "school_id", *key}],
            batch_size=500,
        )
    gone = [row.pk for name, row in old.items() if name not in new]
    kept.model._default_manager.filter(pk__in=gone).delete()
    return changed + len(gone)


def _key(row: Any, key: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in key)


def _content(row: Any) -> dict[str, Any]:
    return {
        field.name: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in NOT_CONTENT
    }
