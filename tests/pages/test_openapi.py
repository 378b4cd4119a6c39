"""The API says what it is: on each host its own operations, every one of them with answers."""

import json
import re

import pytest
from django.conf import settings
from django.test import Client
from schemathesis import openapi

CHINESE = re.compile("[\u4e00-\u9fff]")
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


def asked(host, path, language=""):
    client = Client(SERVER_NAME=host)
    if language:
        client.cookies.load({settings.LANGUAGE_COOKIE_NAME: language})
    return client.get(path).content.decode()


@pytest.mark.parametrize("host", HOSTS)
def test_what_it_says_of_itself_is_chinese_and_english_behind_the_switch(db, host):
    """Title, introduction and what each status means; the sentence of an operation is a programmer's, and says so."""
    for language, is_chinese in (("", True), ("en", False)):
        found = json.loads(asked(host, "/api/schema/", language))
        (operation, *_rest) = (verbs["get"] for verbs in found["paths"].values() if "get" in verbs)
        said = [
            found["info"]["title"],
            *(operation["responses"][one]["description"] for one in ("400", "401", "403")),
        ]
        said += [
            part for part in found["info"].get("description", "").split("\n\n") if part and part[0] != " "
        ]
        assert [bool(CHINESE.search(text)) for text in said] == [is_chinese] * len(said), said
    page = asked(host, "/api/docs/")
    assert "<h1>放学后数据接口</h1>" in page
    assert "写给编写程序的人" in page
    assert '<p lang="en">' in page
    assert "<h1>Afterbell data interface</h1>" in asked(host, "/api/docs/", "en")
