"""Classes to choose from: those of today where somebody is put into one, all of them where the past is looked through."""

from collections import Counter
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from schools.people.models import Pupil, SchoolClass
from schools.people.queries import ON_THE_ROLL, classes_of
from schools.people.roster.classes import school_year


def current(today: date) -> QuerySet[SchoolClass]:
    """With a child on the roll, or in the grade that its year of entry has come to; one that has left keeps its last grade.

    A list of the new year may come weeks after the year began: till then its children say that a class is still there.
    """
    children = Pupil.objects.filter(ON_THE_ROLL, school_class=OuterRef("pk"))
    is_of_this_year = Q(entry_year=Value(school_year(today) + 1) - F("grade"))
    return SchoolClass.objects.filter(Q(Exists(children)) | is_of_this_year)


def choices(found: QuerySet[SchoolClass]) -> list[tuple[str, str]]:
    """(id, name), youngest first. A name that two of them bear, last year's and this year's, tells the year of entry too."""
    rows = list(found.order_by("grade", "number", "-entry_year", "pk"))
    bearers = Counter(row.name for row in rows)
    return [(str(row.pk), _dated(row) if bearers[row.name] > 1 else row.name) for row in rows]


def to_look_through(user: User) -> list[tuple[str, str]]:
    """For filters: the classes that the user may see, those that have left too."""
    return choices(seen_by(user, SchoolClass.objects.all()))


def to_join(user: User, *, today: date) -> list[tuple[str, str]]:
    """For a child that joins or moves: of the classes that the user may see."""
    return choices(seen_by(user, current(today)))


def seen_by(user: User, found: QuerySet[SchoolClass]) -> QuerySet[SchoolClass]:
    """Those that the user may see."""
    held = classes_of(user)
    return found if held is None else found.filter(pk__in=held)


def scopes(today: date | None) -> list[tuple[str, str]]:
    """What roles are for (settings.ACCOUNT_SCOPES): of a day to be given, without a day all that may be held."""
    return choices(SchoolClass.objects.all() if today is None else current(today))


def grades(today: date) -> list[int]:
    """Of the classes of a day, in their order."""
    return sorted(set(current(today).values_list("grade", flat=True)))


def _dated(row: SchoolClass) -> str:
    return _("%(name)s（%(year)s 年入学）") % {"name": row.name, "year": row.entry_year}
