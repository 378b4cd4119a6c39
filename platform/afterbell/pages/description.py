"""What is said in the API's description of every operation: its problems; of fields: times of the day, empty choices."""

from typing import Any, Final

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
ALWAYS: Final = {
    400: "A parameter that is not there, or a value that can't be; each with its sentence.",
    401: "Nobody is logged in, or the token is wrong, expired or revoked.",
    403: "Not for this reader.",
    406: "Only JSON is spoken here.",
    429: "Too often; Retry-After says after how many seconds.",
    503: "Not now; Retry-After says after how many seconds.",
}
NOT_THERE: Final = {404: "Not there, or not yours."}
WITH_A_BODY: Final = {413: "Too much at once.", 415: "Not a content type that is read here."}
DEEDS: Final = {409: "Refused: `code` says by which rule."}


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
    """One of SPECTACULAR_SETTINGS["POSTPROCESSING_HOOKS"]."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for verbs in result["paths"].values():
        for verb, operation in verbs.items():
            for status, words in _problems(verb, operation).items():
                said = operation["responses"].setdefault(str(status), {"description": words})
                said["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return result


def _problems(verb: str, operation: dict[str, Any]) -> dict[int, str]:
    """Status → in words. What is not found: a row of the address, a page, or a row that the body names."""
    places = operation.get("parameters", [])
    finds = any(place["in"] == "path" or place["name"] == "page" for place in places)
    found = ALWAYS | (NOT_THERE if finds or verb != "get" else {}) | (DEEDS if verb != "get" else {})
    return found | (WITH_A_BODY if "requestBody" in operation else {})
