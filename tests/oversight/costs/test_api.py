"""The API of the summary: what it takes, what it refuses and how."""

import pytest
from django.test import Client

from tests.accounts.makers import CITY
from tests.makers import TERM
from tests.oversight.costs import people

API = "/api/v1/costs/summary/"


@pytest.fixture
def officer(city):
    return people.price_officer()


def test_the_answer_names_term_age_columns_and_count(officer):
    answer = officer.get(API, {"term": TERM}).json()
    assert (answer["term"], answer["count"]) == (TERM, 3)
    assert answer["as_of"].startswith("2026-10-31T")
    assert answer["columns"] == list(answer["results"][0])
    assert answer["results"][0]["pupil_hours"] == 1900
    assert answer["results"][2]["received_fen"] is None


def test_pages_are_there_for_who_wants_them(officer):
    asked = {"term": TERM, "page_size": 2}
    assert len(officer.get(API, asked).json()["results"]) == 3
    first = officer.get(API, asked | {"page": 1}).json()
    second = officer.get(API, asked | {"page": 2}).json()
    assert [row["school_code"][-4:] for row in first["results"] + second["results"]] == [
        "0001",
        "0002",
        "0003",
    ]
    assert officer.get(API, asked | {"page": 99}).json()["results"] == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "/term"),
        ({"term": "2099-2100-1"}, "/term"),
        ({"term": "\x01"}, "/term"),
        ({"term": TERM, "district": "999999"}, "/district"),
        ({"term": TERM, "stage": "university"}, "/stage"),
        ({"term": TERM, "format": "pdf"}, "/format"),
        ({"term": TERM, "page": "0"}, "/page"),
        ({"term": TERM, "page_size": "99999999999"}, "/page_size"),
    ],
)
def test_bad_input_is_400_and_names_the_field(officer, asked, field):
    answer = officer.get(API, asked)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [field]


def test_nobody_reads_without_logging_in(city):
    assert Client(SERVER_NAME=CITY).get(API, {"term": TERM}).status_code == 401


def test_the_schema_describes_parameters_and_three_kinds_of_answer(officer):
    operation = officer.get("/api/schema/").json()["paths"][API]["get"]
    assert {one["name"] for one in operation["parameters"]} >= {
        "term",
        "district",
        "format",
        "page",
        "page_size",
    }
    assert len(operation["responses"]["200"]["content"]) == 3
