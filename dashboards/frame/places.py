"""Terms, districts and one school by name: what the filters offer and the words name. One statement."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from afterbell.kernel.dates import Period
from oversight.scope import Scope

PLACES = """
SELECT 'term' AS what, code, name, first_date, last_date, 0 AS position FROM tenants_term
UNION ALL SELECT 'district', code, name, NULL, NULL, position FROM tenants_district
UNION ALL SELECT 'school', school.code, school.name, NULL, NULL, 0 FROM tenants_school AS school
    JOIN tenants_district AS district ON district.id = school.district_id
    WHERE %(school)s <> '' AND school.state = 'active'
        AND (school.code = %(school)s OR strpos(school.name, %(school)s) > 0)
        AND (%(whole)s OR district.code = ANY(%(districts)s))
ORDER BY 1, 6, 2
"""
NAMED_MOST: Final = 6
"""Schools that a name may mean before nobody reads their list."""


@dataclass(frozen=True)
class TermPlace:
    """A term of the city."""

    code: str
    name: str
    first_date: date
    last_date: date

    @property
    def months(self) -> list[str]:
        """2026-09, 2026-10, …"""
        return [str(month) for month in Period(self.first_date, self.last_date).months()]


@dataclass(frozen=True)
class Places:
    """What somebody with this scope can choose from."""

    terms: tuple[TermPlace, ...]
    """The latest first."""
    districts: dict[str, str]
    """Names by code, those of the scope, in the city's order."""
    school: str
    """The name of the school that was asked for; empty when there is none within the scope, or several."""
    school_code: str = ""
    alike: tuple[str, ...] = ()
    """Names of several schools that were meant by a part of a name."""

    def running(self, today: date) -> TermPlace | None:
        """The term of this day; between terms the last one that began, before all terms the first."""
        begun = [term for term in self.terms if term.first_date <= today]
        return begun[0] if begun else (self.terms[-1] if self.terms else None)

    def term(self, code: str) -> TermPlace | None:
        return next((term for term in self.terms if term.code == code), None)

    def before(self, code: str) -> TermPlace | None:
        """The term before this one."""
        codes = [term.code for term in self.terms]
        later = codes.index(code) if code in codes else len(codes)
        return self.terms[later + 1] if later + 1 < len(codes) else None


def load(scope: Scope, *, school: str = "") -> Places:
    """Read with the reader's role; a school outside the scope is not there.

    `school` is a code, a name, or a part of one that only one school has.
    """
    values: dict[str, Any] = {
        "school": school,
        "whole": scope.districts is None,
        "districts": sorted(scope.districts or ()),
    }
    with scope.reading(), connection.cursor() as cursor:
        cursor.execute(PLACES, values)
        rows = cursor.fetchall()
    terms = [TermPlace(*row[1:5]) for row in rows if row[0] == "term"]
    return Places(
        terms=tuple(sorted(terms, key=lambda term: term.first_date, reverse=True)),
        districts={row[1]: row[2] for row in rows if row[0] == "district" and scope.covers(row[1])},
        **_meant([(row[1], row[2]) for row in rows if row[0] == "school"], school),
    )


def _meant(found: list[tuple[str, str]], asked: str) -> dict[str, Any]:
    """The one school with this code or name, or the only one with this part of a name."""
    exact = [one for one in found if asked in one]
    if len(exact or found) == 1:
        ((code, name),) = exact or found
        return {"school": name, "school_code": code}
    return {"school": "", "alike": tuple(name for _code, name in found[:NAMED_MOST])}
