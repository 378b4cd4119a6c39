"""Every column of money, minutes and counts holds what can come: 64 bit, or a largest value that is known and why."""

from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.db import models
from rest_framework import serializers

from afterbell.kernel import privacy
from afterbell.kernel.money import MOST

ROOT = Path(__file__).resolve().parents[2]
OURS = sorted(
    (model for model in apps.get_models() if privacy.classes_of(model)), key=lambda model: model._meta.label
)
LARGEST = {
    models.BigIntegerField: 2**63 - 1,
    models.PositiveBigIntegerField: 2**63 - 1,
    models.IntegerField: 2**31 - 1,
    models.PositiveIntegerField: 2**31 - 1,
    models.SmallIntegerField: 2**15 - 1,
    models.PositiveSmallIntegerField: 2**15 - 1,
}
WIDE = (models.BigIntegerField, models.PositiveBigIntegerField)
ONE_SCHOOL = (20_000, "children or families of one school (expected_participants of a plan may be no more)")
GRADE = (9, "a grade")
PLACES = (2_000, "the forms of a room and of an activity take no more")
FILE = (200_000, "rows of a workbook of at most 10 MB")
BOUNDED = {
    "audit.Entry.format": (1, "the version of the chain's format"),
    "tenants.District.position": (99, "a place in the list of a city's districts"),
    "tenants.CalendarOverride.follows_weekday": (7, "a weekday"),
    "tenants.FleetStep.position": (99_999, "a statement of one migration plan"),
    "planning.Consultation.asked": ONE_SCHOOL,
    "planning.Consultation.yes": ONE_SCHOOL,
    "planning.Consultation.no": ONE_SCHOOL,
    "planning.Consultation.undecided": ONE_SCHOOL,
    "planning.Plan.version": (999, "plans of one term; the envelope to the city takes no more"),
    "planning.Amendment.version": (999, "plans of one term; the envelope to the city takes no more"),
    "planning.Plan.expected_participants": (20_000, "the form takes no more"),
    "planning.PlanFee.grade_from": GRADE,
    "planning.PlanFee.grade_to": GRADE,
    "planning.Activity.weekday": (7, "a weekday"),
    "planning.Activity.grade_from": GRADE,
    "planning.Activity.grade_to": GRADE,
    "planning.Activity.capacity": PLACES,
    "planning.Activity.taken": (2_000, "never above the capacity (a constraint)"),
    "voice.Survey.invited": ONE_SCHOOL,
    "voice.Rating.score": (5, "one to five"),
    "finance.ChargeRun.families": ONE_SCHOOL,
    "finance.Charge.again_units": (360_000, "of the class hours that it was charged for"),
    "finance.Charge.units": (360_000, "class hours of one child in a term: no more than minutes of its days"),
    "finance.AddedHours.units": (360_000, "of the class hours of its charge"),
    "finance.Settlement.round": (999, "settlements of one term: each is voted on"),
    "finance.Refund.sent": (999, "each time a bank sent it back"),
    "committee.Committee.grade": GRADE,
    "committee.Resolution.quorum": (2_000, "seats of one committee"),
    "care.Room.places": PLACES,
    "care.Alarm.level": (3, "MOST_LEVELS of alarm_actions"),
    "notices.Dispatch.tries": (
        999,
        "each is at least a minute after the one before, and the sixth is the last",
    ),
    "care.Session.planned_units": (1_440, "a day has no more minutes"),
    "care.Session.unaccounted": (2_000, "children of one session: the activity's capacity"),
    "people.SchoolClass.entry_year": (2199, "a year"),
    "people.SchoolClass.grade": GRADE,
    "people.SchoolClass.number": (99, "the roster's reader takes no more"),
    "people.RosterImport.rows": FILE,
    "people.RosterImport.created": FILE,
    "people.RosterImport.updated": FILE,
    "people.RosterImport.moved": FILE,
    "people.RosterImport.missing": ONE_SCHOOL,
    "oversight.ClassFact.grade": GRADE,
    "oversight.AreaPulse.number": (1, "there is one row"),
    "redlines.Alert.times": (9_999, "once a night at most, within a term"),
    "tokens.Token.days": (730, "the action takes no more"),
}
"""Narrow columns: the largest value that can occur, and why."""


def whole_numbers():
    """Every column of ours that holds a whole number."""
    return [
        (f"{model._meta.label}.{field.name}", field)
        for model in OURS
        for field in model._meta.concrete_fields
        if isinstance(field, models.IntegerField)
    ]


def test_money_is_sixty_four_bits_wide():
    narrow = [
        name for name, field in whole_numbers() if name.endswith("_fen") and not isinstance(field, WIDE)
    ]
    assert narrow == []


def test_a_narrow_column_says_the_largest_value_that_can_occur():
    narrow = {name for name, field in whole_numbers() if not isinstance(field, WIDE)}
    assert narrow - set(BOUNDED) == set(), "make it 64 bit, or say here what it can hold and why"
    assert set(BOUNDED) - narrow == set(), "is not narrow any more"


def test_a_narrow_column_holds_its_largest_value():
    fields = dict(whole_numbers())
    too_narrow = [name for name, (most, _why) in BOUNDED.items() if most > LARGEST[type(fields[name])]]
    assert too_narrow == []


def test_a_sum_of_nine_thousand_of_the_largest_amounts_is_held():
    assert LARGEST[models.BigIntegerField] > 9_000 * MOST


def classes_in(what, base):
    """Every class of ours in modules of this name, that is made of fields."""
    for file in sorted(ROOT.glob(f"*/**/{what}.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        if parts[0] in ("schools", "oversight", "dashboards", "tenants", "platform") and ".venv" not in parts:
            module = import_module(".".join(parts[1:] if parts[0] == "platform" else parts))
            for name, found in getmembers(module, isclass):
                if issubclass(found, base) and found.__module__ == module.__name__:
                    yield f"{module.__name__}.{name}", found


FORM_NUMBERS = [
    (name, field, form_field)
    for name, form in classes_in("*forms", forms.Form)
    for field, form_field in form.base_fields.items()
    if isinstance(form_field, forms.IntegerField)
]
API_NUMBERS = [
    (name, field, api_field)
    for what in ("api", "inputs")
    for name, form in classes_in(what, serializers.Serializer)
    if name.endswith(("In", "Asked", "Query"))
    for field, api_field in form().fields.items()
    if isinstance(api_field, serializers.IntegerField)
]


@pytest.mark.parametrize(("name", "field", "found"), FORM_NUMBERS + API_NUMBERS)
def test_whoever_types_a_number_is_told_its_limit(name, field, found):
    assert found.max_value is not None, f"{name}.{field} has no max_value"
    known = [most for column, (most, _why) in BOUNDED.items() if column.endswith(f".{field}")]
    assert all(found.max_value <= most for most in known)


def test_there_are_such_fields():
    """The test of the test."""
    assert {"PlanForm", "ActivityForm", "RoomForm"} <= {
        name.rpartition(".")[2] for name, _f, _n in FORM_NUMBERS
    }
    assert "RatingIn" in {name.rpartition(".")[2] for name, _f, _n in API_NUMBERS}
