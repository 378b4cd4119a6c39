"""The API of the alerts: the same rows, rights and actions as the pages, problems as problem JSON."""

import pytest

from oversight.redlines.models import Alert

pytestmark = pytest.mark.usefixtures("alerts")
API = "/api/v1/alerts/"


def the(rule: str) -> Alert:
    return Alert.objects.get(rule=rule)


def posted(desk, path, body):
    return desk.post(path, body, content_type="application/json")


def test_the_list_has_pages_and_filters(at_city):
    desk = at_city()
    found = desk.get(API).json()
    assert found["count"] == 3
    assert {row["rule"] for row in found["results"]} == {"over_cap", "coercion", "statement"}
    (one,) = desk.get(f"{API}?rule=over_cap").json()["results"]
    assert (one["level"], one["state"], one["school_code"], one["district"]) == (
        "red", "open", "3301020001", "330102",
    )  # fmt: skip
    assert one["finding"].startswith("收费标准每月 ¥200.00")
    assert "numbers" not in one
    assert desk.get(f"{API}?rule=nonsense").status_code == 400
    assert desk.get(f"{API}?page=99").status_code == 404


def test_a_districts_officer_reads_and_handles_the_own_district_alone(at_city):
    desk = at_city(scope="330106")
    assert [row["rule"] for row in desk.get(API).json()["results"]] == ["statement"]
    address = f"{API}{the('over_cap').pk}/"
    assert desk.get(address).status_code == 404
    assert posted(desk, f"{address}note/", {"note": "看过"}).status_code == 404
    assert posted(desk, f"{address}close/", {"reason": "看过"}).status_code == 404


def test_one_alert_comes_whole_and_small_counts_stay_hidden(at_city):
    found = at_city().get(f"{API}{the('coercion').pk}/").json()
    figures = {line["name"]: line["value"] for line in found["figures"]}
    assert (figures["班级人数"], figures["同一台设备最多（%）"]) == ("50", "c")
    assert not {"参加", "申请"} & set(figures)  # whether that is shown is decided elsewhere
    assert found["clauses"] == ["S1", "S25"]
    assert [line["kind"] for line in found["history"]] == ["raised"]


def test_an_officer_notes_and_closes(at_city):
    desk, address = at_city(), f"{API}{the('over_cap').pk}/"
    assert posted(desk, f"{address}note/", {"note": "  "}).status_code == 400
    assert posted(desk, f"{address}note/", {"note": "长" * 501}).status_code == 400
    assert posted(desk, f"{address}note/", {"note": "已问"}).json()["state"] == "seen"
    closed = posted(desk, f"{address}close/", {"reason": "已改"}).json()
    assert closed["state"] == "closed"
    assert [(line["kind"], line["who"]) for line in closed["history"]] == [
        ("closed", "赵敏"), ("noted", "赵敏"), ("raised", ""),
    ]  # fmt: skip
    again = posted(desk, f"{address}close/", {"reason": "再来"})
    assert (again.status_code, again.headers["Content-Type"]) == (409, "application/problem+json")


def test_an_administrator_may_not_handle_alerts(at_city):
    desk = at_city("system_admin")
    assert desk.get(API).status_code == 403
    assert posted(desk, f"{API}{the('over_cap').pk}/close/", {"reason": "x"}).status_code == 403
