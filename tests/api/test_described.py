"""The description is the API: one name one thing, lists in pages described as pages, no parameter but the declared ones."""

import json
from importlib import import_module

import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS

from afterbell.accounts.models import Assignment
from afterbell.accounts.roles import Role, Side, roles_of_side
from afterbell.pages import parameters
from tenants.context import in_school
from tests import makers
from tests.accounts import walk
from tests.accounts.makers import CITY, a_user, logged_in
from tests.schools.finance.stage import logged_in as at_school

HOSTS = {"city.localhost": settings.PUBLIC_SCHEMA_URLCONF, "s3301020001.localhost": settings.ROOT_URLCONF}
ENVELOPE = {"count", "next", "previous", "results"}


def described(host):
    return json.loads(Client(SERVER_NAME=host).get("/api/schema/").content)


def views(urlconf):
    """Each API class with its address."""
    found = walk.addresses(import_module(urlconf).urlpatterns)
    return {address: view.cls for address, view in found if hasattr(view, "cls")}


@pytest.fixture(params=HOSTS)
def host(request, db):
    return request.param


def test_every_name_in_the_description_is_one_thing(host):
    """Two serializers of one name share one component, and one of them is described as the other."""
    GENERATOR_STATS.reset()
    described(host)
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_who_gives_pages_is_described_with_the_envelope_and_takes_the_page(host):
    schema, seen = described(host), 0
    for address, view in views(HOSTS[host]).items():
        if getattr(view, "pagination_class", None) is None:
            continue
        operation = schema["paths"][address.replace("<uuid:", "{").replace(">", "}")]["get"]
        name = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
        assert schema["components"]["schemas"][name]["properties"].keys() == ENVELOPE, address
        assert "page" in {place["name"] for place in operation["parameters"]}, address
        seen += 1
    assert seen >= 4


def test_the_parameters_that_are_taken_are_the_described_ones(host):
    for path, verbs in described(host)["paths"].items():
        for verb, operation in verbs.items():
            places = {place["name"] for place in operation.get("parameters", []) if place["in"] == "query"}
            view = next(
                view
                for address, view in views(HOSTS[host]).items()
                if "".join(part.split(">")[-1] for part in address.split("<"))
                == "".join(part.split("}")[-1] for part in path.split("{"))
            )
            assert set(parameters.declared(view(request=None, kwargs={}), verb.upper())) == places, (
                f"{verb} {path}"
            )


@pytest.fixture
def everybody(north, settings):
    """A browser at each host in which every role is held."""
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        user = makers.a_user(name="郑校长")
        Assignment.objects.bulk_create(
            Assignment(user=user, role=role, **makers.days_of(role)) for role in roles_of_side(Side.SCHOOL)
        )
    supervisor = a_user(role=Role.BUREAU_SUPERVISOR)
    Assignment.objects.create(user=supervisor, role=Role.PRICE_OFFICER)
    return {
        "city.localhost": logged_in(CITY, supervisor.login),
        "s3301020001.localhost": at_school(north, user),
    }


def test_no_address_passes_over_a_parameter_that_it_does_not_know(host, everybody):
    some_id = "0190f3a0-0000-7000-8000-000000000000"
    for path, verbs in described(host)["paths"].items():
        for verb in verbs:
            address = "".join(
                part if part.startswith("/") else some_id + part.split("}")[1] for part in path.split("{")
            )
            answer = everybody[host].generic(verb.upper(), f"{address}?colour=red")
            assert answer.status_code == 400, f"{verb} {path}"
            (error,) = answer.json()["errors"]
            assert error["pointer"] == "/colour"
            assert "没有这个参数" in error["detail"]


@pytest.mark.parametrize(
    ("path", "given", "field"),
    [
        ("applications/", {"state": "moon"}, "/state"),
        ("applications/", {"todo": "moon"}, "/todo"),
        ("applications/", {"school_class": "7"}, "/school_class"),
        ("pupils/", {"school_class": "7"}, "/school_class"),
        ("complaints/", {"state": "moon"}, "/state"),
        ("complaints/", {"kind": "moon"}, "/kind"),
        ("finance/waivers/", {"term": makers.TERM, "state": "moon"}, "/state"),
        ("finance/charges/", {}, "/term"),
    ],
)
def test_a_value_that_can_not_be_is_told_and_filters_nothing_in_silence(everybody, path, given, field):
    answer = everybody["s3301020001.localhost"].get(f"/api/v1/{path}", given)
    assert answer.status_code == 400, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [field]


def test_a_month_of_the_cost_summary_is_told_that_there_is_none(everybody):
    """S47: the summary is of a term; `month=` was passed over in silence."""
    makers.a_term()
    client = everybody["city.localhost"]
    assert client.get("/api/v1/costs/summary/", {"term": makers.TERM}).status_code == 200
    answer = client.get("/api/v1/costs/summary/", {"term": makers.TERM, "month": "2026-09"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/month"


def test_applications_are_those_of_the_class_that_is_asked_for(everybody, north):
    with in_school(north):
        third, fourth = makers.a_class(grade=3), makers.a_class(grade=4)
        plan = makers.a_plan()
        for school_class in (third, fourth):
            makers.an_agreement(plan=plan, pupil=makers.a_pupil(school_class=school_class))
    client = everybody["s3301020001.localhost"]
    assert client.get("/api/v1/applications/").json()["count"] == 2
    assert client.get("/api/v1/applications/", {"school_class": str(third.pk)}).json()["count"] == 1


ODD = [
    (b"{", "application/json"),
    (b"\xff\xfe", "application/json"),
    (b"[]", "application/json"),
    (b"null", "application/json"),
    (b'"x"', "application/json"),
    (b"1e999", "application/json"),
    (b"[" * 3000, "application/json"),
    (b'{"reason": "\\u0000", "note": "\\ud800", "text": "\\u0000"}', "application/json"),
    (b"x", "text/plain"),
    (b"x", "application/json; charset=klingon"),
    (b"x", "multipart/form-data"),
    (b"\x00=%00&a=\x00", "application/x-www-form-urlencoded"),
]


@pytest.mark.parametrize(("body", "kind"), ODD, ids=[f"{kind} {body[:12]!r}" for body, kind in ODD])
def test_whatever_is_sent_is_told_what_is_wrong_with_it_as_the_description_says(host, everybody, body, kind):
    client, some_id = everybody[host], "0190f3a0-0000-7000-8000-000000000000"
    for path, verbs in described(host)["paths"].items():
        if "requestBody" not in verbs.get("post", {}):
            continue
        address = "".join(
            part if part.startswith("/") else some_id + part.split("}")[1] for part in path.split("{")
        )
        answer = client.generic("POST", address, body, content_type=kind)
        assert str(answer.status_code) in verbs["post"]["responses"], f"{path}: {answer.status_code}"
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json", path
            assert answer.json()["status"] == answer.status_code
