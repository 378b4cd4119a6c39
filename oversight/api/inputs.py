"""What a program may ask for: every parameter is checked."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from oversight.indicators.catalogue import CATALOGUE
from oversight.selection import Selection
from tenants.models import Kind, Stage

USUAL_SIZE: Final = 100
MOST_SIZE: Final = 500
MONTH: Final = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
BY: Final = ("city", "district", "stage", "kind", "month", "school")
NOT_THERE: Final[dict[str, Any]] = {"invalid_choice": gettext_lazy("没有“{input}”。")}
NO_MONTH: Final[dict[str, Any]] = {"invalid": gettext_lazy("月份请写成 2026-09 的样子。")}


class Paged(serializers.Serializer[Any]):
    """Which page of a list."""

    page = serializers.IntegerField(min_value=1, max_value=100_000, required=False, default=1)
    page_size = serializers.IntegerField(
        min_value=1, max_value=MOST_SIZE, required=False, default=USUAL_SIZE, help_text="At most 500."
    )


class SchoolsIn(Paged):
    """The filters of the register."""

    district = serializers.CharField(max_length=6, required=False, help_text="330102")
    stage = serializers.ChoiceField(choices=Stage.choices, required=False, error_messages=NOT_THERE)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False, error_messages=NOT_THERE)
    search = serializers.CharField(max_length=80, required=False, help_text="Part of the name, or the code.")

    def validate_district(self, code: str) -> str:
        return known(code, self.context["districts"])


class FiguresIn(SchoolsIn):
    """Which figures. `from` and `to` narrow what is summed by month; counts of a term stay the term's."""

    search = None  # type: ignore[assignment]  # figures are asked for by code
    term = serializers.CharField(
        max_length=11, required=False, help_text="2026-2027-1; the running one unless said."
    )
    indicator = serializers.ChoiceField(
        choices=list(CATALOGUE), error_messages=NOT_THERE, help_text="A code of /api/v1/indicators/."
    )
    by = serializers.ChoiceField(choices=list(BY), required=False, default="city", error_messages=NOT_THERE)
    school = serializers.CharField(max_length=10, required=False, help_text="A school's code.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own."""
        months = {
            name: serializers.RegexField(MONTH, required=False, help_text="2026-09", error_messages=NO_MONTH)
            for name in ("from", "to")
        }
        return {**super().get_fields(), **months}

    def validate_term(self, code: str) -> str:
        return known(code, self.context["terms"])

    def validate_school(self, code: str) -> str:
        """Another district's is not there either."""
        return code if self.context["has_school"](code) else known(code, ())

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["by"] == "month" and not CATALOGUE[attrs["indicator"]].by_month:
            raise serializers.ValidationError({"by": [_("这项指标按学期统计，没有分月的数。")]})
        if attrs.get("from", "") > attrs.get("to", "9999-99"):
            raise serializers.ValidationError({"to": [_("结束月份早于开始月份。")]})
        return attrs


def known(code: str, codes: Collection[str]) -> str:
    if code not in codes:
        raise serializers.ValidationError(_("没有“%(code)s”。") % {"code": code})
    return code


def selection(wanted: Mapping[str, Any], *, term: str) -> Selection:
    """As the frames take it."""
    names = {name: wanted.get(name, "") for name in ("district", "stage", "kind", "school")}
    return Selection(term, **names, first_month=wanted.get("from", ""), last_month=wanted.get("to", ""))
