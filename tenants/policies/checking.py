"""Is this a policy document? Every problem at once, with its place and a plain sentence."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from tenants.policies.documents import (
    LAST_GRADE,
    Policy,
    RefundRule,
    Scope,
    TeachingStage,
    Times,
    stage_of_grade,
)

SCHEMA = Path(__file__).with_name("schema.json")


class Problem(NamedTuple):
    """A place in the document (JSON pointer; empty for the whole) and what is wrong there."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.sentence}"


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema (draft 2020-12) of a policy document, described field by field."""
    loaded: Mapping[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


def problems_in(document: object) -> list[Problem]:
    """All problems by place; the rules beyond the schema are asked only when the form is right."""
    errors = _validator().iter_errors(document)  # type: ignore[arg-type]  # any JSON, its stub is narrower
    found = {Problem(_pointer(error.absolute_path), _sentence(error)) for error in errors}
    if not found and isinstance(document, Mapping):
        found = set(_beyond_the_form(document))
    return sorted(found)


@cache
def _validator() -> Validator:
    """As the standard, except that 70.0 is no whole number: money is never a float."""
    strict = extend(  # type: ignore[no-untyped-call]  # has no types
        Draft202012Validator,
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
            "integer", lambda _checker, value: isinstance(value, int) and not isinstance(value, bool)
        ),
    )
    made: Validator = strict(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    return made


def _pointer(path: Sequence[str | int]) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def _listed(names: Sequence[object]) -> str:
    return "、".join(str(name) for name in names)


class _Broken(NamedTuple):
    """A keyword of the schema that a value breaks: what the keyword asks for, the value, the value's schema."""

    asked: Any
    value: Any
    schema: Mapping[str, Any]


SENTENCES: Mapping[str, Callable[[_Broken], str]] = {
    "required": lambda broken: _("缺少：%(names)s。") % {"names": _listed(_missing(broken))},
    "additionalProperties": lambda broken: (
        _("不认识的项：%(names)s。") % {"names": _listed(_unknown(broken))}
    ),
    "enum": lambda broken: _("只能填写：%(names)s。") % {"names": _listed(broken.asked)},
    "const": lambda broken: _("只能填写：%(names)s。") % {"names": broken.asked},
    "type": lambda broken: _("类型不对，应为：%(names)s。") % {"names": _types(broken.asked)},
    "minimum": lambda broken: _("不能小于 %(least)s。") % {"least": broken.asked},
    "maximum": lambda broken: _("不能大于 %(most)s。") % {"most": broken.asked},
    "minLength": lambda _broken: _("不能为空。"),
    "maxLength": lambda broken: _("太长，最多 %(most)s 个字。") % {"most": broken.asked},
    "minItems": lambda broken: _("至少填写 %(least)s 项。") % {"least": broken.asked},
    "uniqueItems": lambda _broken: _("有重复的项。"),
    "pattern": lambda _broken: _("书写格式不对。"),
    "format": lambda _broken: _("不是有效的日期。"),
    "not": lambda _broken: _("这种退费规则不使用此项，请删除。"),
}


def _sentence(error: ValidationError) -> str:
    of_value = error.schema if isinstance(error.schema, Mapping) else {}
    says = SENTENCES[str(error.validator)]
    words = says(_Broken(asked=error.validator_value, value=error.instance, schema=of_value))
    return f"{of_value['title']}：{words}" if "title" in of_value else words


def _missing(broken: _Broken) -> list[str]:
    return [name for name in broken.asked if name not in broken.value]


def _unknown(broken: _Broken) -> list[str]:
    return sorted(set(broken.value) - set(broken.schema["properties"]))


def _types(wanted: str | list[str]) -> str:
    words = {
        "integer": _("整数"),
        "string": _("文字"),
        "boolean": _("是或否"),
        "object": _("一组项目"),
        "array": _("列表"),
        "null": _("空"),
    }
    return _listed([words[name] for name in ([wanted] if isinstance(wanted, str) else wanted)])


def _beyond_the_form(document: Mapping[str, Any]) -> Iterator[Problem]:
    policy = Policy.from_document(document)
    yield from _overlaps("/times", [(part.scope, "") for part in policy.times])
    yield from _overlaps("/caps", [(cap.scope, cap.per) for cap in policy.caps])
    yield from _refund_rules(policy)
    for number, times in enumerate(policy.times):
        yield from _impossible_times(f"/times/{number}", times)
    if policy.comparison.warn_z_hundredths >= policy.comparison.flag_z_hundredths:
        yield Problem(
            "/signals/comparison/warn_z_hundredths", _("提示界限应小于预警界限，否则没有学校会先被提示。")
        )
    yield from _twice("/waivers", [waiver.code for waiver in policy.waivers])
    yield from _twice("/checks", [check.code for check in policy.checks])
    for name in ("sources", "notes"):
        for number, remark in enumerate(document[name]):
            if not points_into(document, remark["path"]):
                yield Problem(f"/{name}/{number}/path", _("文档中没有这个位置。"))


def _overlaps(path: str, scopes: Sequence[tuple[Scope, str]]) -> Iterator[Problem]:
    """Two rules for one case: nobody could say which holds. And rules for no case at all."""
    for (number, (one, per)), (_other_number, (other, other_per)) in combinations(enumerate(scopes), 2):
        if per == other_per and one.meets(other):
            yield Problem(f"{path}/{number}", _("与后面的一项适用范围重叠，无法确定执行哪一项。"))
    for number, (scope, _per) in enumerate(scopes):
        yield from _nobody(f"{path}/{number}", scope)


def _nobody(path: str, scope: Scope) -> Iterator[Problem]:
    for grade in sorted(scope.grades or ()):
        if stage_of_grade(grade) not in scope.stages:
            yield Problem(f"{path}/grades", _("%(grade)s 年级不属于所写的学段。") % {"grade": grade})


def _refund_rules(policy: Policy) -> Iterator[Problem]:
    """Each rule by itself; of the exceptions the first that fits holds, so that they may overlap."""
    offered = {
        (stage, grade)
        for stage, grade in _children()
        if any(part.scope.fits(stage, grade=grade) for part in policy.times)
    }
    yield from _amounts("/refund", policy.refund, offered)
    for number, part in enumerate(policy.refund_exceptions):
        path = f"/refund_exceptions/{number}"
        yield from _nobody(path, part.scope)
        named = {child for child in offered if part.scope.fits(child[0], grade=child[1])}
        yield from _amounts(path, part.rule, named)


def _children() -> Iterator[tuple[TeachingStage, int]]:
    return ((stage_of_grade(grade), grade) for grade in range(1, LAST_GRADE + 1))


def _amounts(path: str, rule: RefundRule, wanted: Collection[tuple[TeachingStage, int]]) -> Iterator[Problem]:
    scopes = [amount.scope for amount in rule.amounts]
    yield from _overlaps(f"{path}/amounts", [(scope, "") for scope in scopes])
    if scopes and not all(any(scope.fits(stage, grade=grade) for scope in scopes) for stage, grade in wanted):
        yield Problem(f"{path}/amounts", _("有学段没有规定每缺一天的退费。"))


def _impossible_times(path: str, times: Times) -> Iterator[Problem]:
    least, most = times.least_daily_minutes, times.most_daily_minutes
    if least is not None and most is not None and least > most:
        yield Problem(f"{path}/most_daily_minutes", _("每天至多的分钟数小于至少的分钟数。"))
    for number, band in enumerate(times.bands):
        begins = max((moment for moment in (band.earliest_start, band.earliest_end) if moment), default=None)
        if begins and band.latest_end and band.latest_end <= begins:
            yield Problem(f"{path}/bands/{number}/latest_end", _("最晚结束不晚于最早的时刻。"))
    yield from _twice(f"{path}/bands", [band.code for band in times.bands])


def _twice(path: str, codes: Sequence[str]) -> Iterator[Problem]:
    for code, count in Counter(codes).items():
        if count > 1:
            yield Problem(path, _("“%(code)s”出现了不止一次。") % {"code": code})


def points_into(document: object, pointer: str) -> bool:
    """Whether a JSON pointer leads to a value of the document."""
    value = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return False
    return True
