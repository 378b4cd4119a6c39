"""`afterbell migrate`: the city, the template, then every school that is behind. Killed anywhere, it goes on."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet

from tenants import context, roles
from tenants.fleet import guard, plan, rights, steps, template
from tenants.fleet.errors import TemplateBehind, UnknownMigrations
from tenants.fleet.plan import Key
from tenants.fleet.replay import BATCH, Failure, Patience, Replay, one_line
from tenants.fleet.rights import Gap
from tenants.models import School
from tenants.stamps import code_stamp
from tenants.states import SchoolState

REGISTER: Key = ("tenants", "0001_initial")
"""Before this migration there is no table of schools to ask."""
RECORD_DIGEST = (
    "SELECT md5(string_agg(app || '.' || name, ',' ORDER BY app, name)) FROM {schema}.django_migrations"
)
Progress = Callable[[int, int], None]
"""Called with schools done and schools in all."""


@dataclass
class Report:
    """What was done, or with a dry run what would be."""

    city: list[Key] = field(default_factory=list)
    template: list[Key] = field(default_factory=list)
    behind: int = 0
    migrated: int = 0
    rights: list[Gap] = field(default_factory=list)
    """Rights that were not those of the code; closed, but for the schools among the failures."""
    failures: list[Failure] = field(default_factory=list)


def nothing(_done: int, _of: int) -> None:
    """Progress for those who want none."""


def migrate(*, now: datetime, progress: Progress = nothing, patience: Patience | None = None) -> Report:
    """Everything to this code's state. Raises AnotherMigrate, NotAtomic, UnknownMigrations."""
    before = look()
    if not (before.city or before.template or before.behind or before.rights):
        return before
    with guard.alone():
        report = Report(
            city=template.migrate_city(now=now),
            template=template.migrate_template(now=now),
            rights=before.rights,
        )
        _mend_schools(report.failures)  # first: what is narrower in this code is narrow before it is served
        schools = list(behind())
        report.behind = len(schools)
        catch_up(schools, report, now=now, progress=progress, patience=patience or Patience())
        if report.migrated:
            _mend_schools(report.failures)
    return report


def look() -> Report:
    """What is missing where. Two queries for the fleet, whatever its size; two for the city, two for the template."""
    in_city = plan.applied_in(context.PUBLIC)
    in_template = plan.applied_in(settings.TEMPLATE_SCHEMA)
    return Report(
        city=[plan.key_of(migration) for migration in plan.of_city().missing(in_city)],
        template=[plan.key_of(migration) for migration in plan.of_schools().missing(in_template)],
        behind=behind().count() if REGISTER in in_city else 0,
        rights=open_gaps() if REGISTER in in_city else [],
    )


def open_gaps() -> list[Gap]:
    """Rights that are not those of this code, in the city, the template and every school that has a schema."""
    return rights.gaps([context.PUBLIC, settings.TEMPLATE_SCHEMA, *_with_schema()])


def _with_schema() -> list[str]:
    kept = School.objects.exclude(state=SchoolState.OPENING).order_by("code")
    return list(kept.values_list("schema_name", flat=True))


def _mend_schools(failures: list[Failure]) -> None:
    """Each school in a transaction of its own; who can't be mended is among the failures."""
    for schema, found in rights.by_schema(rights.gaps(_with_schema())).items():
        try:
            rights.close(found)
        except DatabaseError as error:
            school = School.objects.get(schema_name=schema)
            failures.append(Failure(school=school, step="rights", reason=one_line(error)))


def has_register(report: Report) -> bool:
    """False on a database that has never been migrated."""
    return REGISTER not in report.city


def behind() -> QuerySet[School]:
    """Schools in service whose stamp is not this code's."""
    return School.objects.filter(state=SchoolState.ACTIVE).exclude(schema_stamp=code_stamp()).order_by("code")


def catch_up(
    schools: Sequence[School], report: Report, *, now: datetime, progress: Progress, patience: Patience
) -> None:
    """Bring these schools to the template's state; those that fail are in the report."""
    replay = Replay(now=now, patience=patience, failures=report.failures)
    groups = _by_missing(schools, report.failures)
    looked_at = len(report.failures)
    for missing, group in groups.items():
        todo = steps.ready(set(missing))
        for some in _batches(group, todo):
            report.migrated += len(replay.run(some, todo, code_stamp()))
            looked_at += len(some)
            progress(looked_at, len(schools))


def catch_up_alone(schools: Sequence[School], *, now: datetime) -> list[Failure]:
    """Bring these schools, in service or not, to this code's state. Raises AnotherMigrate, TemplateBehind."""
    report = Report()
    with guard.alone():
        if look().template:
            raise TemplateBehind
        catch_up(schools, report, now=now, progress=nothing, patience=Patience())
    return report.failures


def _by_missing(schools: Sequence[School], failures: list[Failure]) -> dict[tuple[Key, ...], list[School]]:
    """Schools that lack the same migrations, by their own record; who can't say or is ahead fails."""
    plan_of_schools = plan.of_schools()
    groups: dict[tuple[Key, ...], list[School]] = defaultdict(list)
    for same in _by_record(schools, failures):
        applied = plan.applied_in(same[0].schema_name)
        try:
            plan.refuse_newer(same[0].schema_name, plan_of_schools, applied)
        except UnknownMigrations as error:
            failures += [Failure(school=school, step="", reason=one_line(error)) for school in same]
        else:
            groups[tuple(plan.key_of(migration) for migration in plan_of_schools.missing(applied))] += same
    return groups


def _by_record(schools: Sequence[School], failures: list[Failure]) -> Iterable[list[School]]:
    """Schools whose records of migrations are equal: a digest of each, so that one of them speaks for all."""
    groups: dict[str, list[School]] = defaultdict(list)
    for school in schools:
        try:
            with context.as_owner(), connection.cursor() as cursor:
                cursor.execute(RECORD_DIGEST.format(schema=roles.identifier(school.schema_name)))
                (digest,) = cursor.fetchone()
        except DatabaseError as error:
            failures.append(Failure(school=school, step="", reason=one_line(error)))
        else:
            groups[digest].append(school)
    return groups.values()


def _batches(schools: list[School], todo: list[steps.Step]) -> Iterator[list[School]]:
    size = 1 if any(step.moves for step in todo) else BATCH  # Python may take long, and its locks with it
    for start in range(0, len(schools), size):
        yield schools[start : start + size]
