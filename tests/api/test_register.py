"""Terms, districts, schools, the catalogue and the age of the data, and how often a program may ask."""

import pytest
from redis.exceptions import ConnectionError as RedisAway

from afterbell.accounts.roles import Role
from afterbell.tokens.limits import PerToken
from oversight.facts.models import Pulse
from oversight.indicators.catalogue import CATALOGUE
from tests.api.conftest import HERE
from tests.oversight.makers import LATER

pytestmark = pytest.mark.usefixtures("facts")


def test_the_terms(program):
    (term,) = program().get(f"{HERE}terms/").json()["results"]
    assert (term["code"], term["first_date"], term["is_current"]) == ("2026-2027-1", "2026-09-01", True)


def test_the_schools_of_the_register_and_nothing_else_of_them(program):
    found = program().get(f"{HERE}schools/", {"search": "第一"}).json()
    assert found["results"] == [
        {
            "code": "3301020001", "name": "湖滨区第一小学", "district": "330102", "stage": "primary", "kind": "urban",
            "size_class": "medium",
        }
    ]  # fmt: skip
    assert found["count"] == 1
    assert program().get(f"{HERE}schools/", {"kind": "moon"}).status_code == 400


def test_the_catalogue_is_whole(program):
    found = program().get(f"{HERE}indicators/").json()["results"]
    assert [row["code"] for row in found] == list(CATALOGUE)
    assert all(row["formula"] and row["question"] and row["unit"] for row in found)


@pytest.mark.parametrize("role", [Role.BUREAU_SUPERVISOR, Role.PRICE_OFFICER])
def test_the_age_of_the_data(program, role):
    found = program(role).get(f"{HERE}age/").json()
    assert found["as_of"] is not None
    assert {"failed", "never", "silent"} <= found.keys()


def test_a_districts_token_hears_of_its_own_silent_schools_alone(program, north, island):
    Pulse.objects.update(failed_at=LATER)
    found = program(district="330106").get(f"{HERE}age/").json()
    assert {row["code"] for row in found["failed"]} == {island.code}


def test_a_program_that_asks_too_often_is_told_when_to_come_back(program, monkeypatch):
    monkeypatch.setattr(PerToken, "rate", "3/min", raising=False)
    client, other = program(), program()
    assert [client.get(f"{HERE}terms/").status_code for _time in range(4)] == [200, 200, 200, 429]
    refused = client.get(f"{HERE}terms/")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert other.get(f"{HERE}terms/").status_code == 200


def test_reading_goes_on_without_redis(program, monkeypatch):
    class Away:
        def get(self, *_given):
            raise RedisAway("gone")

    monkeypatch.setattr(PerToken, "cache", Away())
    assert program().get(f"{HERE}terms/").status_code == 200
