"""What the API says of itself: its title; of operations: their problems; of fields: times of the day, empty choices."""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from afterbell.pages.problems import MEDIA_TYPE

PROBLEM: Final = {
    "type": "object",
    "description": "RFC 9457 problem JSON.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Of a refusal; stable."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "description": "What is wrong with one field or parameter.",
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer: /indicator."},
                    "detail": {"type": "string"},
                },
                "required": ["pointer", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}
Words = dict[int, str | Promise]
ALWAYS: Final[Words] = {
    400: _("没有这个参数，或者值不对；每一处各有一句说明。"),
    401: _("没有登录，或者凭证不对、已到期、已停用。"),
    403: _("这位读者不能使用。"),
    406: _("这里只用 JSON。"),
    429: _("太频繁；Retry-After 是须等待的秒数。"),
    503: _("现在不行；Retry-After 是须等待的秒数。"),
}
NOT_THERE: Final[Words] = {404: _("没有，或者不是您的。")}
WITH_A_BODY: Final[Words] = {413: _("一次提交得太多。"), 415: _("不接收这种内容格式。")}
DEEDS: Final[Words] = {409: _("被拒绝：code 说明是哪一条规则。")}


class LocalTime(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # registers itself by being made
    """A time of the school's day. OpenAPI's own format `time` wants a time zone, which a timetable has not."""

    target_class = "rest_framework.fields.TimeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:  # noqa: ARG002
        """16:00:00."""
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}


class ChoiceOrNone(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # likewise
    """A choice of a model that may be empty: a read-only field forgets that, and its list of values with it."""

    target_class = "rest_framework.fields.ChoiceField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """With "" among the values where the model has it."""
        found: dict[str, Any] = auto_schema._map_serializer_field(
            self.target, direction, bypass_extensions=True
        )
        model = getattr(getattr(self.target.parent, "Meta", None), "model", None)
        if model is None or not self.target.read_only or "." in self.target.source:
            return found
        # What a query computes is no column, and says by itself whether it may be empty.
        may_be_empty = {column.name for column in model._meta.concrete_fields if column.blank}
        if self.target.source in may_be_empty and "" not in found.get("enum", [""]):
            found["enum"] = [*found["enum"], ""]
        return found


def with_problems(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """One of SPECTACULAR_SETTINGS["POSTPROCESSING_HOOKS"]; in the reader's language."""
    result["info"]["title"] = gettext("放学后数据接口")
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for verbs in result["paths"].values():
        for verb, operation in verbs.items():
            for status, words in _problems(verb, operation).items():
                said = operation["responses"].setdefault(str(status), {"description": str(words)})
                said["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return result


def _problems(verb: str, operation: dict[str, Any]) -> Words:
    """Status → in words. What is not found: a row of the address, a page, or a row that the body names."""
    places = operation.get("parameters", [])
    finds = any(place["in"] == "path" or place["name"] == "page" for place in places)
    found = ALWAYS | (NOT_THERE if finds or verb != "get" else {}) | (DEEDS if verb != "get" else {})
    return found | (WITH_A_BODY if "requestBody" in operation else {})
