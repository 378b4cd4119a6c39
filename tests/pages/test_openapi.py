"""The API says what it is: on each host its own operations, every one of them with answers."""

import json

import pytest
from django.test import Client
from schemathesis import openapi

HOSTS = ["city.localhost", "s3301020001.localhost"]


@pytest.mark.parametrize("host", HOSTS)
def test_the_schema_is_openapi_3_1_and_can_be_read_by_others(db, host):
    answer = Client(SERVER_NAME=host).get("/api/schema/")
    assert answer.status_code == 200
    schema = json.loads(answer.content)
    assert schema["openapi"].startswith("3.1")
    assert schema["paths"]
    loaded = openapi.from_dict(schema)
    assert len(list(loaded.get_all_operations())) >= 1


def test_each_host_speaks_of_its_own_addresses_only(db):
    city, school = (
        json.loads(Client(SERVER_NAME=host).get("/api/schema/").content)["paths"] for host in HOSTS
    )
    assert "/api/v1/filings/" in city
    assert "/api/v1/filings/" not in school
    assert "/api/v1/care/operations/" in school
    assert "/api/v1/care/operations/" not in city


@pytest.mark.parametrize("host", HOSTS)
def test_people_can_read_it_too(db, host):
    page = Client(SERVER_NAME=host).get("/api/docs/").content.decode()
    assert "/api/v1/" in page
    assert "OpenAPI 3.1" in page
