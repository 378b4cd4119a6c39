"""The description fits the answers: every operation of this API is called and its answer held against the schema."""

import json

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from afterbell.accounts.roles import Role
from tests.api.conftest import HERE

OURS = ("terms", "districts", "schools", "indicators", "figures", "age")
pytestmark = pytest.mark.usefixtures("facts")


@pytest.fixture
def schema(db):
    return json.loads(Client(SERVER_NAME="city.localhost").get("/api/schema/").content)


def fits(schema, path, answer):
    """The answer's body is what the schema says for its status and type."""
    described = schema["paths"][path]["get"]["responses"][str(answer.status_code)]["content"]
    kind = answer.headers["Content-Type"].partition(";")[0]
    wanted = {**described[kind]["schema"], "components": schema["components"]}
    Draft202012Validator(wanted, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer.json())


CALLS = [
    ("terms", {}), ("districts", {}), ("schools", {}), ("schools", {"kind": "moon"}), ("schools", {"page": 7}),
    ("indicators", {}), ("figures", {"indicator": "participation"}), ("age", {}), ("figures", {}),
    ("figures", {"indicator": "participation", "by": "school"}), ("figures", {"indicator": "attendance", "by": "month"}),
    ("figures", {"indicator": "fee_to_cap", "by": "district"}), ("figures", {"indicator": "nothing"}),
    ("figures", {"indicator": "surplus_returned", "by": "stage"}), ("figures", {"indicator": "waived", "page": 9}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given"), CALLS)
def test_answers_fit_the_schema(schema, program, name, given):
    fits(schema, f"{HERE}{name}/", program().get(f"{HERE}{name}/", given))


def test_refusals_fit_the_schema_too(schema, program):
    nobody = Client(SERVER_NAME="city.localhost")
    for name in OURS:
        fits(schema, f"{HERE}{name}/", nobody.get(f"{HERE}{name}/"))
    fits(
        schema,
        f"{HERE}figures/",
        program(Role.PRICE_OFFICER).get(f"{HERE}figures/", {"indicator": "participation"}),
    )


@pytest.mark.parametrize("name", OURS)
def test_every_operation_has_a_sentence_an_example_that_fits_and_takes_a_token(schema, name):
    operation = schema["paths"][f"{HERE}{name}/"]["get"]
    assert operation["description"]
    assert {"token": []} in operation["security"]
    content = operation["responses"]["200"]["content"]["application/json"]
    (example,) = content["examples"].values()
    wanted = {**content["schema"], "components": schema["components"]}
    Draft202012Validator(wanted).validate(example["value"])


def test_alerts_filings_and_the_cost_summary_are_described_beside_them(schema):
    assert {"/api/v1/alerts/", "/api/v1/filings/", "/api/v1/costs/summary/"} <= schema["paths"].keys()


def test_the_docs_show_how_to_use_a_token_and_what_comes_back(db):
    page = Client(SERVER_NAME="city.localhost").get("/api/docs/").content.decode()
    assert "Authorization: Token afb_" in page
    assert "/api/v1/figures/" in page
    assert "numerator" in page
    school = Client(SERVER_NAME="s3301020001.localhost").get("/api/docs/").content.decode()
    assert "afb_" not in school
