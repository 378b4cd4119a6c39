"""Opens, archives and restores schools. Opening replays the template's own statements in one transaction."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import states
from afterbell.kernel.errors import Refused
from afterbell.kernel.strings import dotted
from tenants import context, roles
from tenants.fleet import blueprint, migrating, template
from tenants.fleet.blueprint import Blueprint
from tenants.models import District, Host, School
from tenants.stamps import code_stamp
from tenants.states import MOVES, SchoolState

FACTS = ("name", "district", "stage", "kind", "size_class")


class SchoolExists(Refused):
    """The code is taken by a school of other facts."""

    code = "school.exists"
    message = _("学校标识码 %(code)s 已用于“%(name)s”，登记内容不同：%(fields)s。")


class BadFacts(Refused):
    """A fact about the school or district can't be true."""

    code = "school.bad_facts"
    message = _("登记内容有误：%(reasons)s")


class CannotCatchUp(Refused):
    """The school's schema is behind the code and can't be migrated."""

    code = "school.cannot_catch_up"
    message = _("“%(name)s”的数据结构无法升级：%(reason)s")


def install() -> None:
    """Bring the public schema, the roles of city and bureaus and the template school to this code's state."""
    now = timezone.now()
    template.migrate_city(now=now)
    template.migrate_template(now=now)


def open_school(
    *,
    code: str,
    name: str,
    district: District,
    stage: str,
    kind: str,
    size_class: str,
    now: datetime,
    by: User | None = None,
) -> School:
    """A school ready for its first login. Opening it again with the same facts changes nothing.

    All in one transaction: a kill in the middle leaves nothing. Raises SchoolExists, BadFacts, TemplateBehind.
    """
    school = School(
        code=code,
        schema_name=f"s_{code}",
        name=name,
        district=district,
        stage=stage,
        kind=kind,
        size_class=size_class,
        state=SchoolState.OPENING,
    )
    _refuse_bad_facts(school)
    with context.as_owner():
        known = School.objects.select_related("district").filter(code=code).first()
        if known is not None:
            return _same(known, school)
        plan = blueprint.of_template()
        with transaction.atomic():
            School.objects.bulk_create([school])
            Host.objects.bulk_create([Host(domain=f"s{code}.{settings.DOMAIN}", tenant=school)])
            _build(school, plan)
            serve = {"schema_stamp": code_stamp(), "opened_at": now}
            states.move(school, to=SchoolState.ACTIVE, moves=MOVES, at=now, also=serve)
            _tell_the_city(school)
            audit.record(verb="tenants.school.open", target=school, by=by, at=now, details={"school": code})
    return school


def archive_school(*, school: School, now: datetime, by: User | None = None) -> None:
    """Out of service, nothing deleted: its pages answer 503, its data stay. Raises MoveNotAllowed, StateMoved."""
    with context.as_owner(), transaction.atomic():
        states.move(school, to=SchoolState.ARCHIVED, moves=MOVES, at=now, also={"archived_at": now})
        _tell_the_city(school)
        audit.record(
            verb="tenants.school.archive", target=school, by=by, at=now, details={"school": school.code}
        )


def restore_school(*, school: School, now: datetime, by: User | None = None) -> None:
    """Back in service, after its schema has caught up with the code.

    Raises MoveNotAllowed, StateMoved, CannotCatchUp, AnotherMigrate.
    """
    with context.as_owner():
        if school.state == SchoolState.ARCHIVED:
            for failure in migrating.catch_up_alone([school], now=now):
                raise CannotCatchUp(name=school.name, reason=failure.reason)
        with transaction.atomic():
            states.move(school, to=SchoolState.ACTIVE, moves=MOVES, at=now, also={"archived_at": None})
            _tell_the_city(school)
            audit.record(
                verb="tenants.school.restore", target=school, by=by, at=now, details={"school": school.code}
            )


def _build(school: School, plan: Blueprint) -> None:
    schema = school.schema_name
    with connection.cursor() as cursor:
        cursor.execute(";\n".join([*roles.make_school(schema), f"CREATE SCHEMA {roles.identifier(schema)}"]))
    with context.as_owner(schema), connection.cursor() as cursor:
        cursor.execute(";\n".join([plan.statements(), *roles.grant_school(schema, plan.tables)]))


def _tell_the_city(school: School) -> None:
    """Figures over all schools in service have one more or one fewer."""
    for hook in settings.AFTER_SCHOOL_MOVES:
        dotted(hook)(school=school)


def _refuse_bad_facts(row: School | District) -> None:
    try:
        row.clean_fields(exclude={"district", "schema_stamp"})
    except ValidationError as error:
        reasons = [f"{_label(row, name)} {' '.join(texts)}" for name, texts in error.message_dict.items()]
        raise BadFacts(reasons="；".join(reasons)) from error


def _same(known: School, wanted: School) -> School:
    """Raises SchoolExists unless every fact is equal."""
    fields = [name for name in FACTS if getattr(known, name) != getattr(wanted, name)]
    if fields:
        raise SchoolExists(
            code=known.code, name=known.name, fields="、".join(_label(known, name) for name in fields)
        )
    return known


def _label(row: School | District, field: str) -> str:
    return str(getattr(row._meta.get_field(field), "verbose_name", field))
