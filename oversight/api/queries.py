"""Reads of the API: what its reader may ask about, and figures as rows."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pandas as pd
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import Role
from afterbell.pages import sheets
from oversight.indicators import frames, measures, queries
from oversight.indicators.catalogue import CATALOGUE, Indicator, Theme, Unit
from oversight.indicators.measures import State
from oversight.scope import Scope
from oversight.selection import Selection
from tenants import queries as tenants
from tenants.models import District, Kind, School, Stage
from tenants.states import SchoolState

READS: Final[Mapping[Theme, Permission]] = {
    Theme.PARTICIPATION: Permission.PARTICIPATION_READ,
    Theme.SATISFACTION: Permission.SATISFACTION_READ,
    Theme.FEES: Permission.FEES_READ,
    Theme.COMPLAINTS: Permission.COMPLAINTS_OVERSEE,
    Theme.SAFETY: Permission.SAFETY_OVERSEE,
    Theme.STAFFING: Permission.STAFFING_OVERSEE,
}
"""A theme's figures are read with the permission of its page."""
ALSO: Final[Mapping[str, Permission]] = {"complaints_per_1000": Permission.COSTS_READ}
"""It stands in the cost summary: which schools to audit follows from complaints (S47)."""
PLACES: Final[Mapping[Unit, int]] = {
    Unit.PERCENT: 1,
    Unit.FEN: 0,
    Unit.SCORE: 2,
    Unit.PER_1000: 1,
    Unit.PUPILS: 1,
}
"""As the pages show them."""
PARTS: Final = ("value", "numerator", "denominator", "n")
Row = dict[str, Any]


def may_read(user: User, indicator: Indicator) -> bool:
    also = ALSO.get(indicator.code)
    return user.has(READS[indicator.theme]) or (also is not None and user.has(also))


def districts(user: User) -> dict[str, str]:
    """Names by code: a district's supervisor sees the own one, everybody else of the city all."""
    only = _only(user)
    found = District.objects.order_by("position", "code").values_list("code", "name")
    return {code: name for code, name in found if only is None or code in only}


def schools(
    user: User, *, search: str = "", district: str = "", stage: str = "", kind: str = ""
) -> QuerySet[School]:
    """Those in service, by code."""
    found = tenants.schools().filter(state=SchoolState.ACTIVE)
    only = _only(user)
    if only is not None:
        found = found.filter(district__code__in=only)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(code__startswith=search))
    wanted = {"district__code": district, "stage": stage, "kind": kind}
    return found.filter(**{name: value for name, value in wanted.items() if value})


def figures(scope: Scope, selection: Selection, code: str, by: str, names: Mapping[str, str]) -> list[Row]:
    """One row a part of the selection; one statement."""
    indicator = CATALOGUE[code]
    measured, about = LOADS[by](scope, selection, indicator, names)
    rounded = [_row(indicator, values) for values in measured[[*PARTS, "state"]].to_dict("records")]
    return [{**first, **then} for first, then in zip(about, rounded, strict=True)]


Load = tuple[pd.DataFrame, list[Row]]


def _city(scope: Scope, selection: Selection, indicator: Indicator, names: Mapping[str, str]) -> Load:
    frame = frames.schools(scope, selection, needs=indicator.columns)
    name = _("全市") if scope.districts is None else "、".join(names.values())
    return measures.of_all(frame, indicator), [_about("city", name)]


def _district(scope: Scope, selection: Selection, indicator: Indicator, _names: Mapping[str, str]) -> Load:
    found = queries.by_district(scope, selection, indicator.code)
    return found, [_about(*pair) for pair in zip(found["district_code"], found["district_name"], strict=True)]


def _stage(scope: Scope, selection: Selection, indicator: Indicator, _names: Mapping[str, str]) -> Load:
    found = queries.by_stage(scope, selection, indicator.code)
    return found, [_about(code, str(Stage(code).label)) for code in found["stage"]]


def _kind(scope: Scope, selection: Selection, indicator: Indicator, _names: Mapping[str, str]) -> Load:
    found = queries.by_kind(scope, selection, indicator.code)
    return found, [_about(code, str(Kind(code).label)) for code in found["kind"]]


def _month(scope: Scope, selection: Selection, indicator: Indicator, _names: Mapping[str, str]) -> Load:
    found = queries.trend(scope, selection, indicator.code)
    return found, [_about(month, month) for month in found["month"]]


def _school(scope: Scope, selection: Selection, indicator: Indicator, _names: Mapping[str, str]) -> Load:
    frame = frames.schools(scope, selection, needs=indicator.columns)
    keys = zip(frame["code"], frame["name"], frame["district_code"], strict=True)
    return measures.measure(frame, indicator), [_about(*key) for key in keys]


LOADS: Final[Mapping[str, Callable[[Scope, Selection, Indicator, Mapping[str, str]], Load]]] = {
    "city": _city,
    "district": _district,
    "stage": _stage,
    "kind": _kind,
    "month": _month,
    "school": _school,
}


def _about(code: str, name: str, district: str | None = None) -> Row:
    return {"code": code, "name": name, "district": district}


def _row(indicator: Indicator, values: Mapping[Any, Any]) -> Row:
    """Rounded once, as every page shows it; of what is hidden measures give not even the parts."""
    state = State(values["state"])
    found: Row = {name: _known(values[name]) for name in PARTS}
    if state is not State.KNOWN:
        found["value"] = None
    else:
        rounded = sheets.rounded(values["value"], PLACES[indicator.unit])
        found["value"] = None if rounded is None else float(rounded)
    return {**found, "state": state.value}


def _known(value: float) -> float | None:
    return None if value != value else round(float(value), 6)  # NaN is not itself


def _only(user: User) -> frozenset[str] | None:
    """None: the whole city."""
    held = user.rights.scopes
    return user.rights.scope_of(Role.BUREAU_SUPERVISOR) if Role.BUREAU_SUPERVISOR in held else None
