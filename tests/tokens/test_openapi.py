"""The API's own description says where a token is good for something."""

import json

import pytest
from django.test import Client

from tests.accounts.makers import CITY


def operations(host):
    paths = json.loads(Client(SERVER_NAME=host).get("/api/schema/").content)["paths"]
    return [
        (verb, [next(iter(way), "") for way in operation.get("security", [])])
        for verbs in paths.values()
        for verb, operation in verbs.items()
    ]


def test_the_city_s_reading_operations_take_a_token_and_no_other_does(db):
    found = operations(CITY)
    assert {verb for verb, ways in found if "token" in ways} == {"get"}
    assert all("token" in ways for verb, ways in found if verb == "get" and "session" in ways)


def test_the_header_is_described(db):
    schema = json.loads(Client(SERVER_NAME=CITY).get("/api/schema/").content)
    scheme = schema["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")


@pytest.mark.usefixtures("north")
def test_a_school_s_operations_take_none():
    assert not [verb for verb, ways in operations("s3301020001.localhost") if "token" in ways]
