"""What the API answers: its fields, with their meaning, for the schema and for people."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from oversight.api.inputs import BY
from oversight.indicators.catalogue import CATALOGUE, Better, Theme, Unit
from oversight.indicators.measures import State
from tenants.models import Kind, SizeClass, Stage

STATES: Final = [state.value for state in State]
MEANING: Final = (
    "known: `value` is a number. missing: not known (yet); never 0 for want of data. not_applicable: nothing to divide by, "
    "such as a cap that the policy does not have. hidden: few children (under 5) take part or "
    "do not, or the figure would let a reader of the city's figures compute such a number; its parts are null too."
)


class TermOut(serializers.Serializer[Any]):
    """A term of the city."""

    code = serializers.CharField()
    name = serializers.CharField()
    first_date = serializers.DateField()
    last_date = serializers.DateField()
    is_current = serializers.BooleanField(help_text="Running now, or begun last.")


class TermsOut(serializers.Serializer[Any]):
    """All of them, the latest first."""

    results = TermOut(many=True)


class DistrictOut(serializers.Serializer[Any]):
    """A district."""

    code = serializers.CharField()
    name = serializers.CharField()


class DistrictsOut(serializers.Serializer[Any]):
    """Those that the reader may see, in the city's order."""

    results = DistrictOut(many=True)


class SchoolOut(serializers.Serializer[Any]):
    """A school in service: what the public register says."""

    code = serializers.CharField()
    name = serializers.CharField()
    district = serializers.CharField(source="district.code")
    stage = serializers.ChoiceField(choices=Stage.choices)
    kind = serializers.ChoiceField(choices=Kind.choices)
    size_class = serializers.ChoiceField(choices=SizeClass.choices)


class Listed(serializers.Serializer[Any]):
    """A page of a list."""

    count = serializers.IntegerField(help_text="Of all pages.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class SchoolsOut(Listed):
    """By code."""

    results = SchoolOut(many=True)


class IndicatorOut(serializers.Serializer[Any]):
    """What a figure means."""

    code = serializers.CharField()
    name = serializers.CharField()
    question = serializers.CharField()
    formula = serializers.CharField()
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit], help_text="fen: whole fen of yuan.")
    theme = serializers.ChoiceField(choices=[theme.value for theme in Theme])
    clauses = serializers.ListField(child=serializers.CharField())
    better = serializers.ChoiceField(choices=[way.value for way in Better])
    n_of = serializers.CharField(help_text="What n counts.")
    by_month = serializers.BooleanField(help_text="Whether `by=month` has figures.")
    is_median = serializers.BooleanField(help_text="The figure of an area is the median of its schools.")
    may_read = serializers.BooleanField(help_text="Whether you may ask for its figures.")


class IndicatorsOut(serializers.Serializer[Any]):
    """The catalogue, in its order."""

    results = IndicatorOut(many=True)


@extend_schema_serializer(component_name="IndicatorFigure")
class FigureOut(serializers.Serializer[Any]):
    """One figure. Money in fen; shares in percent with one decimal."""

    code = serializers.CharField(
        help_text="Of the district, stage, kind, month or school; `city` for all of it."
    )
    name = serializers.CharField()
    district = serializers.CharField(allow_null=True, help_text="Of a school; otherwise null.")
    value = serializers.FloatField(allow_null=True)
    state = serializers.ChoiceField(choices=STATES, help_text=MEANING)
    numerator = serializers.FloatField(allow_null=True)
    denominator = serializers.FloatField(allow_null=True)
    n = serializers.FloatField(allow_null=True)


@extend_schema_serializer(component_name="IndicatorFigures")
class FiguresOut(Listed):
    """Figures of one indicator."""

    term = serializers.CharField()
    indicator = serializers.ChoiceField(choices=list(CATALOGUE))
    by = serializers.ChoiceField(choices=list(BY))
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit])
    n_of = serializers.CharField()
    is_median = serializers.BooleanField(help_text="The values are medians of schools, and n counts schools.")
    as_of = serializers.DateTimeField(
        allow_null=True, help_text="The moment whose state the figures show at least."
    )
    results = FigureOut(many=True)


class AgedSchoolOut(serializers.Serializer[Any]):
    """A school and since when."""

    code = serializers.CharField()
    name = serializers.CharField()
    district = serializers.CharField(source="district_code")
    since = serializers.DateTimeField(allow_null=True)


class AgeOut(serializers.Serializer[Any]):
    """How old the figures are, and whom they don't hear of."""

    as_of = serializers.DateTimeField(allow_null=True)
    rolled_at = serializers.DateTimeField(allow_null=True, help_text="When the city's sums last changed.")
    swept_at = serializers.DateTimeField(
        allow_null=True, help_text="Everything that schools wrote before is in the figures."
    )
    term = serializers.CharField(allow_null=True, help_text="The running term; null between terms.")
    failed = AgedSchoolOut(many=True, help_text="Their last roll-up failed.")
    never = AgedSchoolOut(many=True, help_text="Nothing of the running term is known.")
    silent = AgedSchoolOut(many=True, help_text="Nothing was held on the last three school days.")
