"""Drives an API with what its own description allows and forbids (schemathesis), as different people, and undoes each call.

The host's own address table and middleware answer, in this process and inside the test's transaction: Django's handler
for tests is the WSGI application.
"""

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.core.signals import got_request_exception
from django.test import Client
from django.test.client import ClientHandler
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from afterbell.kernel.texts import stripped
from tests.undone import undone

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
Pool = Mapping[str, Sequence[UUID]]
MORE: Final = 4
"""Times as many of what is allowed where something is made: the right person, the right row and every field right at once
is rare."""


@dataclass
class Found:
    """Operation → what is wrong with it; and which statuses were seen how often, so that a test sees what it tested."""

    failures: dict[str, str] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)


def driven(host: str, people: Mapping[str, Client], pool: Pool, *, examples: int) -> Found:
    """Each operation `examples` times with what is allowed (those that make something, MORE often) and as often with what
    is not; the first failure of each."""
    document = Client(SERVER_NAME=host).get("/api/schema/").json()
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)  # who asks is given; a login is no data to be made up
    found = Found()
    for result in openapi.from_dict(document).get_all_operations():
        operation = result.ok()
        makes = "201" in operation.definition.raw["responses"]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            many = examples * MORE if makes and mode is GenerationMode.POSITIVE else examples
            try:
                _drive(host, operation, mode, people, pool, many, found)
            except Unsatisfiable:
                continue  # nothing in it can be wrong
            except AssertionError as error:
                found.failures.setdefault(operation.label, f"{mode}: {error}")
    return found


def _drive(
    host: str,
    operation: Any,
    mode: GenerationMode,
    people: Mapping[str, Client],
    pool: Pool,
    examples: int,
    found: Found,
) -> None:
    @seed(7)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode), who=st.sampled_from(sorted(people)), data=st.data()
    )
    def once(case: Any, who: str, data: st.DataObject) -> None:
        if mode is GenerationMode.POSITIVE:
            case.body = _keepable(case.body)
            _name_what_is_there(case, pool, data)
        with undone():
            _call(host, case, who, people[who], found)

    once()


def _call(host: str, case: Any, who: str, person: Client, found: Found) -> None:
    errors: list[str] = []

    def noted(**_signal: Any) -> None:
        errors.append("".join(traceback.format_exception(*sys.exc_info())[-6:]))

    got_request_exception.connect(noted)
    try:
        answer = case.call(app=_of(person), base_url=f"http://{host}")
        found.statuses[answer.status_code] = found.statuses.get(answer.status_code, 0) + 1
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as failure:
        failure.add_note(f"as {who}")
        raise AssertionError("\n".join([f"as {who}", str(failure), *errors])) from None
    finally:
        got_request_exception.disconnect(noted)


def _of(person: Client) -> Callable[[dict[str, Any], Any], Iterator[bytes]]:
    """Django's handler of test clients, which leaves the test's connection open, as WSGI has it, with who is asking."""
    login = {name: value for name, value in person.defaults.items() if name == "HTTP_AUTHORIZATION"}
    login["HTTP_COOKIE"] = "; ".join(f"{name}={morsel.value}" for name, morsel in person.cookies.items())

    def application(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        answer = ClientHandler(enforce_csrf_checks=False)(environ | login)
        start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
        return iter([b"".join(answer.streaming_content) if answer.streaming else answer.content])

    return application


def _keepable(part: Any) -> Any:
    """Without signs that no text here may have; what JSON allows and the description can't forbid in a field it doesn't
    name."""
    if isinstance(part, str):
        return stripped(part)
    if isinstance(part, list):
        return [_keepable(each) for each in part]
    if isinstance(part, dict):
        return {stripped(name): _keepable(each) for name, each in part.items()}
    return part


def _name_what_is_there(case: Any, pool: Pool, data: st.DataObject) -> None:
    """An id made by chance is never there: three of four are put in from what the stage has, by the field's name."""
    for part in (case.path_parameters, case.body):
        if not isinstance(part, dict):
            continue
        for name in list(part):
            ids = pool.get(name.removesuffix("_id"))
            if ids and data.draw(st.integers(0, 3)):
                one = str(data.draw(st.sampled_from(ids)))
                part[name] = [one] if isinstance(part[name], list) else one
