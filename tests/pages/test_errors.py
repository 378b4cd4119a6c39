"""Error pages and problem JSON: what is wrong, what to do, the right status; nothing needs the database."""

import json

import psycopg_pool
import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpResponse
from django.shortcuts import render
from django.test import Client, override_settings
from django.urls import include, path
from redis.exceptions import ConnectionError as RedisDown
from rest_framework import exceptions, serializers
from rest_framework.views import APIView

from afterbell.kernel.errors import Refused
from afterbell.pages import errors, problems


class TooLate(Refused):
    code = "enrolment.too_late"
    message = "报名已于 %(day)s 截止。"


def nested():
    try:
        raise psycopg_pool.PoolTimeout("no connection")
    except psycopg_pool.PoolTimeout as cause:
        raise RuntimeError("while counting") from cause


def raising(error):
    def view(request):
        raise error

    return view


FAILURES = {
    "denied": PermissionDenied(),
    "odd": SuspiciousOperation("odd"),
    "large": RequestDataTooBig("large"),
    "broken": ZeroDivisionError(),
    "database": OperationalError("gone"),
    "cursor": InterfaceError("closed"),
    "redis": RedisDown("gone"),
    "refused": TooLate(day="9月4日"),
}
pages = [path(f"{name}/", raising(error)) for name, error in FAILURES.items()]
pages += [path("nested/", lambda request: nested()), path("fine/", lambda request: HttpResponse("fine"))]


class Api(APIView):
    permission_classes = ()
    authentication_classes = ()

    def get_exception_handler(self):
        return problems.for_api

    def post(self, request):
        raise {
            "late": TooLate(day="9月4日"),
            "often": exceptions.Throttled(wait=42),
            "who": exceptions.NotAuthenticated(),
        }[request.data["kind"]]

    def put(self, request):
        class Child(serializers.Serializer):
            name = serializers.CharField()

        class Family(serializers.Serializer):
            phone = serializers.CharField(max_length=11)
            children = Child(many=True)

        Family(data=request.data).is_valid(raise_exception=True)


urlpatterns = [path("", include(pages)), path("api/v1/", include(pages)), path("api/v1/rest/", Api.as_view())]
handler400 = "afterbell.pages.errors.bad_request"
handler403 = "afterbell.pages.errors.permission_denied"
handler404 = "afterbell.pages.errors.page_not_found"
handler500 = "afterbell.pages.errors.server_error"

EXPECTED = [
    ("denied", 403, "您没有查看这一部分的权限"),
    ("odd", 400, "请求有误"),
    ("large", 413, "提交的内容太大"),
    ("broken", 500, "系统出错了"),
    ("nothing", 404, "没有找到这个页面"),
    ("database", 503, "服务暂时不可用"),
    ("cursor", 503, "服务暂时不可用"),
    ("redis", 503, "服务暂时不可用"),
    ("nested", 503, "服务暂时不可用"),
    ("refused", 409, "报名已于 9月4日 截止。"),
]


@pytest.fixture
def here(settings):
    with override_settings(PUBLIC_SCHEMA_URLCONF=__name__, ROOT_URLCONF=__name__):
        yield


@pytest.mark.parametrize(("name", "status", "words"), EXPECTED)
def test_each_trouble_has_its_page_and_status(city, here, name, status, words):
    answer = city.get(f"/{name}/")
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "您可以" in answer.content.decode()


@pytest.mark.parametrize(("name", "status", "_words"), EXPECTED)
def test_the_api_gets_problem_json(city, here, name, status, _words):
    answer = city.get(f"/api/v1/{name}/")
    body = json.loads(answer.content)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert body["status"] == status
    assert {"type", "title", "detail"} <= set(body)
    assert "Traceback" not in answer.content.decode()


def test_a_refusal_in_the_api_has_its_code(city, here):
    body = json.loads(city.get("/api/v1/refused/").content)
    assert (body["code"], body["type"]) == ("enrolment.too_late", "urn:afterbell:problem:enrolment.too_late")


def test_trouble_says_when_to_come_again(city, here):
    assert city.get("/database/").headers["Retry-After"] == "60"
    assert "Retry-After" not in city.get("/broken/").headers


@pytest.mark.parametrize("name", ["broken", "database"])
def test_the_pages_of_trouble_are_made_without_the_database(request_to, monkeypatch, name):
    def forbidden(*args, **kwargs):
        raise AssertionError("the database was asked")

    for connection in connections.all():
        monkeypatch.setattr(connection, "cursor", forbidden)
    request = request_to("/")
    try:
        raise FAILURES[name]
    except (OperationalError, ZeroDivisionError):
        answer = errors.server_error(request)
    assert answer.status_code == (503 if name == "database" else 500)


def test_the_frame_of_errors_is_whole_on_a_bare_request(request_to):
    """No session, no user, no csrf cookie: as when the first middleware fails."""
    page = errors.page_not_found(request_to("/x/"), Exception()).content.decode()
    assert "没有找到这个页面" in page
    assert "style=" not in page


def test_a_form_that_is_too_old_says_so(db, settings):
    strict = Client(enforce_csrf_checks=True, HTTP_HOST=settings.CITY_HOST)
    answer = strict.post("/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "页面打开的时间太长了" in answer.content.decode()


def test_the_api_s_own_errors_are_problems_too(city, here):
    def post(kind):
        return city.post("/api/v1/rest/", {"kind": kind}, content_type="application/json")

    assert post("late").status_code == 409
    assert post("often").headers["Retry-After"] == "42"
    assert post("who").status_code in (401, 403)
    assert city.post("/api/v1/rest/", "{broken", content_type="application/json").status_code == 400
    assert city.delete("/api/v1/rest/").status_code == 405


def test_wrong_fields_are_pointed_at(city, here):
    answer = city.put(
        "/api/v1/rest/",
        {"phone": "1" * 12, "children": [{"name": "一"}, {}]},
        content_type="application/json",
    )
    pointers = {error["pointer"] for error in json.loads(answer.content)["errors"]}
    assert answer.status_code == 400
    assert pointers == {"/phone", "/children/1/name"}


def test_an_unknown_error_is_not_swallowed_by_the_api_s_handler():
    assert problems.for_api(ZeroDivisionError(), {}) is None


def test_an_unknown_host_and_a_school_that_is_not_ready_have_pages(request_to):
    request = request_to("/")
    assert (
        "没有这所学校的网址"
        in render(request, "pages/unknown_host.html", {"city_host": "city.localhost"}).content.decode()
    )
    for state, words in (("opening", "正在开通"), ("archived", "已归档"), ("active", "正在升级")):
        school = {"name": "湖滨区第一小学", "state": state}
        assert words in render(request, "pages/school_not_ready.html", {"school": school}).content.decode()
