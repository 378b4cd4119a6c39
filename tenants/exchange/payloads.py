"""What an envelope may carry: one JSON schema a kind, closed, so that nothing else can ride along.

Names of things (an activity, a room, a cost line) are short texts; sentences stand in `note` alone. All of them are
compared with the names of the school's pupils before they leave (names.py).
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from afterbell.kernel.errors import Refused
from tenants.exchange.models import EnvelopeKind

Schema = dict[str, Any]
BIGGEST: Final = 2**63 - 1
"""What a column holds: sums of amounts of which each is at most kernel.money.MOST."""


class WrongPayload(Refused):
    """The sender built something that its kind does not know."""

    code = "exchange.wrong_payload"
    message = _("报送内容不完整或格式不对（%(where)s），没有发出。请联系系统管理员。")
    status = 400


def _object(**fields: Schema) -> Schema:
    """Every field is required unless its schema says `optional`; others are refused."""
    required = [name for name, schema in fields.items() if not schema.pop("optional", False)]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": fields}


def _text(most: int, **more: Any) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most, "pattern": r"^[^\x00-\x1f]*$", **more}


def _code(pattern: str) -> Schema:
    return {"type": "string", "maxLength": 64, "pattern": pattern}


def _whole(least: int = 0, most: int = BIGGEST) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _many(item: Schema, most: int) -> Schema:
    return {"type": "array", "maxItems": most, "items": item}


def _one_of(*values: str) -> Schema:
    return {"enum": list(values)}


def _optional(schema: Schema) -> Schema:
    return {**schema, "optional": True}


TERM: Final = _code(r"^20[0-9]{2}-20[0-9]{2}-[12]$")
MONTH: Final = _code(r"^20[0-9]{2}-[01][0-9]$")
DAY: Final = _code(r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]$")
CLOCK: Final = _code(r"^[0-2][0-9]:[0-5][0-9]$")
HASH: Final = _code(r"^[0-9a-f]{64}$")
ID: Final = _code(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
NUMBER: Final = _code(r"^[0-9A-Za-z-]{1,20}$")
WORD: Final = _code(r"^[a-z][a-z_]{0,30}$")
MOST_MONEY: Final = 10**15
MOST_SUM: Final = 10**18
"""Of one amount, and of many: what a school may type, a filing can carry."""
SIGNED: Final = _whole(-BIGGEST)
NOTE: Final = _optional({"type": "string", "maxLength": 1000})
GRADE: Final = _whole(1, 9)

WRITTEN: Final = frozenset({"answer", "changes", "name", "title", "room", "note", "text", "reason"})
"""Fields in the school's own words; the rest are numbers, codes, and names of rules that the city gave."""

_QUESTION: Final = _object(
    kind=_one_of("teaching", "hours", "person"), text=_text(200), is_fine={"type": "boolean"}, reason=_text(200),
    answered_date=DAY,
)  # fmt: skip
"""What no rule decides, and what another person than the writer said about it (S26, S46)."""
_ACTIVITY: Final = _object(
    title=_text(60), kind=WORD, weekday=_whole(1, 5), starts=CLOCK, ends=CLOCK, room=_text(60), grade_from=GRADE,
    grade_to=GRADE, capacity=_whole(1, 10_000),
)  # fmt: skip
_CAP: Final[Schema] = {"type": ["integer", "null"], "minimum": 0}
_FEE: Final = _object(
    grade_from=GRADE,
    grade_to=GRADE,
    fee_fen=_whole(1, MOST_MONEY),
    cap_fen=_CAP,
    fee_term_fen=_CAP,
    cap_term_fen=_CAP,
)
"""What some grades pay: by the fee's unit, and over the plan beside the tightest cap of another unit."""
SCHEMAS: Final[Mapping[str, Schema]] = {
    EnvelopeKind.PLAN_FILING: _object(
        plan_id=ID, term_code=TERM, version=_whole(1, 999), name=_text(80), first_date=DAY, last_date=DAY,
        policy=_text(60), collector=_one_of("committee", "school"), fee_unit=_one_of("month", "term", "class_hour"),
        fee_fen=_whole(0, MOST_MONEY), cap_fen=_CAP, fees=_optional(_many(_FEE, 9)),
        expected_participants=_whole(1, 1_000_000), planned_cost_fen=_whole(0, MOST_SUM),
        cost_per_participant_fen=_whole(0, MOST_SUM), fee_per_term_fen=_whole(0, MOST_SUM), reviewed_date=DAY,
        consultation=_object(asked=_whole(), yes=_whole(), no=_whole(), undecided=_whole(), closed_date=DAY),
        resolution=_object(number=NUMBER, closed_date=DAY, yes=_whole(), no=_whole(), abstain=_whole(), quorum=_whole()),
        activities=_many(_ACTIVITY, 2000),
        cost_lines=_many(_object(kind=WORD, title=_text(80), amount_fen=_whole(1, MOST_MONEY)), 200),
        questions=_optional(_many(_QUESTION, 500)),
        reason=_optional(_text(200)), changes=_optional(_many(_text(300), 2500)),
    ),
    EnvelopeKind.STATEMENT: _object(
        term_code=TERM, month=MONTH, opening_fen=SIGNED, received_fen=SIGNED, spent_fen=SIGNED, refunded_fen=SIGNED,
        closing_fen=SIGNED, sha256=HASH, due_date=DAY, published_date=DAY,
        spent=_optional(_many(_object(kind=WORD, amount_fen=SIGNED), 20)),
    ),
    EnvelopeKind.COMPLAINT: _object(
        number=NUMBER, term_code=TERM, kind=WORD, addressee=_one_of("school", "bureau"), submitted_date=DAY,
        due_date=DAY, is_overdue=_optional({"type": "boolean"}), passing_id=_optional(ID),
        answer=_optional({"type": "string", "minLength": 1, "maxLength": 4000}), note=NOTE,
    ),
    EnvelopeKind.INCIDENT: _object(
        incident_id=ID, happened_date=DAY, happened_at=CLOCK, activity_kind=_optional(WORD),
        children=_optional(_whole(0, 10_000)), is_closed=_optional({"type": "boolean"}), note=NOTE,
    ),
    EnvelopeKind.REPORT: _object(
        about=_one_of("incident", "complaint", "opinion", "safety", "service_end", "other"),
        about_id=_optional(ID), note=NOTE,
    ),
}  # fmt: skip


def check(kind: str, payload: Mapping[str, Any]) -> None:
    """Raises WrongPayload with the first place that is wrong."""
    problem = next(
        iter(sorted(_validator(kind).iter_errors(payload), key=lambda error: list(map(str, error.path)))),
        None,
    )
    if problem is not None:
        raise WrongPayload(where="/".join(map(str, problem.absolute_path)) or kind)


def digest(payload: Mapping[str, Any]) -> str:
    """SHA-256 over the payload as canonical JSON: sorted keys, no blanks, UTF-8."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def written(value: object, *, key: str = "") -> Iterator[str]:
    """Every text of a payload that the school wrote, however deep: names of things and sentences; no codes, no rules."""
    if isinstance(value, str) and key in WRITTEN:
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from written(part, key=name)
    elif isinstance(value, list):
        for part in value:
            yield from written(part, key=key)


@cache
def _validator(kind: str) -> Validator:
    """As the standard, except that 70.0 is no whole number: money is never a float."""
    strict = extend(  # type: ignore[no-untyped-call]  # has no types
        Draft202012Validator,
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
            "integer", lambda _checker, value: isinstance(value, int) and not isinstance(value, bool)
        ),
    )
    made: Validator = strict(SCHEMAS[kind])
    return made
