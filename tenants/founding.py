"""A city from nothing: districts, the first term, its calendar and its rules, all of it or nothing.

What is there already and is the same stays; what is there and is not the same is refused, never changed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from afterbell.kernel.dates import Period, local_date
from tenants import calendar, calendar_actions, district_actions, term_actions
from tenants.models import CalendarOverride, District, PolicyProfile, Term
from tenants.policies import actions as policies
from tenants.policies import ready


class CannotFound(ValueError):
    """Something is wrong with what was given; the text says what, and what to do."""


@dataclass(frozen=True)
class Wanted:
    """What somebody wants the city to have; what is None or empty is not asked for."""

    districts: Sequence[tuple[str, str]] = ()
    """Code and name, in the order in which pages show them."""
    term: Term | None = None
    """Not saved."""
    days_off: Collection[date] = ()
    """Holidays of years that the national calendar here does not know."""
    make_up_days: Mapping[date, int] = field(default_factory=dict)
    """Day → whose timetable it runs, 1 Monday to 7."""
    profile: str = ""
    profile_from: date | None = None
    """Without it from the term's first day on."""


@dataclass(frozen=True)
class Part:
    """One line of the report: what, how many are new, how many were there, what is left to say."""

    name: str
    new: int
    there: int
    left: str = ""


def found(wanted: Wanted, *, city: str, now: datetime) -> list[Part]:
    """All of it in one transaction. Raises CannotFound and what the actions refuse."""
    with transaction.atomic():
        parts = [_districts(wanted.districts, now), _term(wanted.term, now)]
        term = wanted.term or Term.objects.order_by("-first_date", "pk").first()
        parts.append(_calendar(term, wanted, now))
        return [*parts, _profile(term, wanted, city, now)]


def missing() -> list[str]:
    """Of "districts", "term" and "profile", what a city has none of."""
    models = {"districts": District, "term": Term, "profile": PolicyProfile}
    return [name for name, model in models.items() if not model.objects.exists()]


def _districts(wanted: Sequence[tuple[str, str]], now: datetime) -> Part:
    known = dict(District.objects.values_list("code", "name"))
    for code, name in wanted:
        if known.get(code, name) != name:
            raise CannotFound(
                f"district {code} is {known[code]!r} here and {name!r} in the list: mend the list, or rename it on the "
                "page /districts/."
            )
    new = [(code, name) for code, name in wanted if code not in known]
    for code, name in new:
        district_actions.add_district(code=code, name=name, by=None, now=now)
    return Part("districts", len(new), len(known))


def _term(wanted: Term | None, now: datetime) -> Part:
    there = Term.objects.count()
    if wanted is None:
        return Part("terms", 0, there)
    same = Term.objects.filter(
        code=wanted.code, first_date=wanted.first_date, last_date=wanted.last_date
    ).exists()
    if same:
        return Part("terms", 0, there)
    term_actions.add_term(
        code=wanted.code,
        name=wanted.name,
        first_date=wanted.first_date,
        last_date=wanted.last_date,
        by=None,
        now=now,
    )
    return Part("terms", 1, there)


def _calendar(term: Term | None, wanted: Wanted, now: datetime) -> Part:
    """The national calendar counts by itself; entered are unknown years, and timetables of make-up days."""
    if term is None:
        if wanted.days_off or wanted.make_up_days:
            raise CannotFound("days off and make-up days belong to a term: give the term too.")
        return Part("calendar days", 0, 0)
    period = Period(term.first_date, term.last_date)
    unknown, make_up = calendar.unknown_parts(period), calendar.national_make_up_days(period)
    _refuse_strangers(wanted, unknown, make_up)
    rows = CalendarOverride.objects.filter(district=None, date__range=(period.first, period.last))
    there = set(rows.values_list("date", flat=True))
    new = 0
    for part in unknown:
        if there.issuperset(part):
            continue
        days_off = [day for day in wanted.days_off if day in part]
        if not days_off:
            raise CannotFound(
                f"the national calendar of {part.first.year} is not known here: name the days off from {part.first} to "
                f"{part.last} on which there would be school by their weekday, such as --day-off {part.first}."
            )
        mine = {day: weekday for day, weekday in wanted.make_up_days.items() if day in part}
        new += _enter(part, days_off, mine, now)
    told = {day: wanted.make_up_days[day] for day in make_up if day in wanted.make_up_days}
    for day, weekday in told.items():
        new += 0 if day in there else _enter(Period(day, day), [], {day: weekday}, now)
    open_days = [day for day in make_up if day not in told and day not in there and day >= local_date(now)]
    left = (
        f"of these make-up days nobody has said yet whose timetable they run: {', '.join(map(str, open_days))} "
        "(--make-up-day DATE=1…7, or the page /calendar/)"
        if open_days
        else ""
    )
    return Part("calendar days", new, len(there), left)


def _refuse_strangers(wanted: Wanted, unknown: Sequence[Period], make_up: Collection[date]) -> None:
    for day in sorted(wanted.days_off):
        if not any(day in part for part in unknown):
            raise CannotFound(
                f"--day-off {day}: it lies outside the term, or its year is known here; single days are changed on the "
                "page /calendar/."
            )
        if day in wanted.make_up_days:
            raise CannotFound(f"{day} can't be a day off and a make-up day.")
    for day in sorted(wanted.make_up_days):
        if day not in make_up and not any(day in part for part in unknown):
            raise CannotFound(
                f"--make-up-day {day}: it is no make-up day of the national calendar within the term."
            )


def _enter(period: Period, days_off: Collection[date], make_up: Mapping[date, int], now: datetime) -> int:
    reason = "调休上课" if make_up and not days_off else f"{period.first.year}年放假安排"
    return calendar_actions.enter_days(
        period=period, holidays=days_off, make_up_days=make_up, reason=reason, by=None, now=now
    )


def _profile(term: Term | None, wanted: Wanted, city: str, now: datetime) -> Part:
    rows = PolicyProfile.objects.filter(district=None, kind="").order_by("-valid_from_date", "pk")
    there = list(rows)
    if not wanted.profile:
        return Part("rules in force", 0, len(there))
    first = wanted.profile_from or (term.first_date if term else None)
    if first is None:
        raise CannotFound("the rules need a first day: give --profile-from, or the term too.")
    if any(row.document["code"] == wanted.profile and row.valid_from_date == first for row in there):
        return Part("rules in force", 0, len(there))
    if there:
        raise CannotFound(
            f"the city has rules already, {there[0].name!r} from {there[0].valid_from_date}: other ones are put in force "
            "on the page /policies/."
        )
    document = ready.document(wanted.profile)
    policies.adopt(
        name=f"{city}：{document['title']}"[:60],
        document=document,
        valid_from_date=first,
        source=ready.source_of(document),
        by=None,
        now=now,
    )
    return Part("rules in force", 1, 0)
