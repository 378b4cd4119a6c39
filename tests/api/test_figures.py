"""Figures for programs: the pages' numbers, with the user's rights, and a reason where there is no number."""

from datetime import date

import pytest
from django.utils import timezone

from afterbell.accounts.roles import Role
from afterbell.tokens import actions as tokens
from oversight.indicators.catalogue import CATALOGUE, Theme
from tenants.context import in_city
from tests.api.conftest import HERE, HILLS, LAKE
from tests.makers import a_term

pytestmark = pytest.mark.usefixtures("facts")
FIGURES = f"{HERE}figures/"


def asked(client, **parameters):
    answer = client.get(FIGURES, {"indicator": "participation", **parameters})
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def rows(client, **parameters):
    return {row["code"]: row for row in asked(client, **parameters)["results"]}


def test_the_city_in_one_figure(program):
    found = asked(program())
    (row,) = found["results"]
    assert (row["code"], row["value"], row["state"]) == ("city", 67.7, "known")
    assert (row["numerator"], row["denominator"], row["n"]) == (704, 1040, 1040)
    assert (found["term"], found["unit"], found["n_of"], found["is_median"]) == (
        "2026-2027-1", "percent", "名在册学生", False,
    )  # fmt: skip
    assert found["as_of"]


def test_a_hidden_figure_gives_not_even_its_parts(program):
    """Of one district, and of the other one that would tell of it: the city's figure less its own."""
    found = rows(program(), by="district")
    assert found[LAKE]["state"] == "hidden"
    hidden = found[HILLS]
    assert hidden["state"] == "hidden"
    assert [hidden[name] for name in ("value", "numerator", "denominator", "n")] == [None] * 4


def test_schools_come_by_code_with_pages(program):
    client = program()
    found = asked(client, by="school", page_size=2)
    assert [row["code"] for row in found["results"]] == ["3301020001", "3301020002"]
    assert (found["count"], found["previous"]) == (3, None)
    second = client.get(found["next"]).json()
    assert [(row["code"], row["state"]) for row in second["results"]] == [("3301060003", "hidden")]
    assert second["next"] is None
    beyond = client.get(FIGURES, {"indicator": "participation", "by": "school", "page": 9})
    assert beyond.status_code == 404
    assert beyond.headers["Content-Type"] == "application/problem+json"


def test_what_is_not_known_is_missing_and_never_zero(program):
    (row,) = asked(program(), term="2026-2027-1", indicator="surplus_returned")["results"]
    assert (row["value"], row["state"]) == (None, "missing")


def test_money_is_in_whole_fen_and_areas_are_medians_of_schools(program):
    found = asked(program(), indicator="fee_to_cap", by="district")
    assert found["is_median"]
    assert {row["code"]: (row["value"], row["n"]) for row in found["results"]} == {
        LAKE: (86.7, 2), HILLS: (106.7, 1),
    }  # fmt: skip
    (cost,) = asked(program(), indicator="cost_per_pupil_hour")["results"]
    assert cost["value"] == int(cost["value"])


def test_months_where_there_are_months(program):
    found = asked(program(), indicator="attendance", by="month")
    assert [row["code"] for row in found["results"]] == ["2026-09"]
    assert asked(program(), indicator="attendance", by="month", **{"from": "2026-10"})["results"] == []


@pytest.mark.parametrize("by", ["stage", "kind"])
def test_groups_are_named(program, by):
    assert {row["name"] for row in asked(program(), by=by)["results"]} <= {"小学", "城区", "乡村"}


def test_filters_narrow(program):
    assert list(rows(program(), by="school", kind="rural")) == ["3301060003"]
    assert list(rows(program(), by="school", district=LAKE)) == ["3301020001", "3301020002"]
    assert list(rows(program(), by="school", school="3301020002")) == ["3301020002"]


def test_a_districts_token_sees_the_district_alone(program):
    client = program(district=HILLS)
    assert list(rows(client, by="school")) == ["3301060003"]
    (city,) = asked(client, indicator="offering")["results"]
    assert (city["name"], city["n"]) == ("山南县", 1)
    for hidden in ({"district": LAKE}, {"school": "3301020001"}):
        answer = client.get(FIGURES, {"indicator": "participation", **hidden})
        assert answer.status_code == 400
        assert answer.json()["errors"] == [
            {"pointer": f"/{next(iter(hidden))}", "detail": f"没有“{next(iter(hidden.values()))}”。"}
        ]
    assert [row["code"] for row in client.get(f"{HERE}schools/").json()["results"]] == ["3301060003"]
    assert [row["code"] for row in client.get(f"{HERE}districts/").json()["results"]] == [HILLS]


def test_the_price_officer_reads_costs_and_no_children(program):
    client = program(Role.PRICE_OFFICER)
    for code, indicator in CATALOGUE.items():
        answer = client.get(FIGURES, {"indicator": code, "by": "school"})
        may = indicator.theme is Theme.FEES or code == "complaints_per_1000"
        assert answer.status_code == (200 if may else 403), code
    assert (
        client.get(FIGURES, {"indicator": "participation"}).headers["Content-Type"]
        == "application/problem+json"
    )
    said = {row["code"]: row["may_read"] for row in client.get(f"{HERE}indicators/").json()["results"]}
    assert (said["cost_per_pupil_hour"], said["complaints_per_1000"]) == (True, True)
    assert (said["participation"], said["complaints_in_time"]) == (False, False)


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"colour": "red"}, "/colour", "没有这个参数"),
        ({"indicator": "happiness"}, "/indicator", "没有“happiness”。"),
        ({"term": "1999-2000-1"}, "/term", "没有“1999-2000-1”。"),
        ({"district": "999999"}, "/district", "没有“999999”。"),
        ({"stage": "college"}, "/stage", "没有“college”。"),
        ({"by": "street"}, "/by", "没有“street”。"),
        ({"school": "3301029999"}, "/school", "没有“3301029999”。"),
        ({"from": "2026-13"}, "/from", "2026-09"),
        ({"from": "2026-10", "to": "2026-09"}, "/to", "早于"),
        ({"by": "month"}, "/by", "没有分月的数"),
        ({"page": "0"}, "/page", "1"),
        ({"page_size": "501"}, "/page_size", "500"),
        ({"search": "第一"}, "/search", "没有这个参数"),
    ],
)
def test_what_is_not_there_is_said_at_its_place(program, given, field, sentence):
    answer = program().get(FIGURES, {"indicator": "participation", **given})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["pointer"] == field
    assert sentence in error["detail"]


def test_an_indicator_has_to_be_named(program):
    answer = program().get(FIGURES)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/indicator")


def test_a_token_reads_and_does_not_write(program):
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(program(), method)(FIGURES)
        assert (answer.status_code, answer.json()["code"]) == (403, "token_reads_only")


def test_an_expired_and_a_revoked_token_are_refused(program, expired):
    assert expired.get(FIGURES).status_code == 401
    client = program()
    with in_city():
        tokens.revoke_token(token=client.token, by=client.user, now=timezone.now())
    assert client.get(FIGURES).status_code == 401


def test_who_is_not_logged_in_is_asked_for_a_token(client):
    answer = client.get(FIGURES, headers={"host": "city.localhost"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Token")


@pytest.mark.parametrize("by", ["city", "district", "month", "school"])
def test_questions_to_the_database_are_few(program, django_assert_max_num_queries, by):
    client = program()
    asked(client, indicator="attendance")
    with django_assert_max_num_queries(12):
        asked(client, indicator="attendance", by=by, school="3301020001")


def test_a_term_without_data_is_missing(program):
    a_term(code="2025-2026-2", name="上学期", first_date=date(2026, 3, 2), last_date=date(2026, 7, 3))
    found = asked(program(), term="2025-2026-2", by="school")
    assert {row["state"] for row in found["results"]} == {"missing"}
    assert {row["value"] for row in found["results"]} == {None}
