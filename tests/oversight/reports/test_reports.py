"""What a school reports can be read by the bureau, is noted once, and the school sees that it was (S33)."""

from datetime import timedelta

import pytest

from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from afterbell.kernel.errors import Refused
from schools.finance import actions
from tenants.context import in_city, in_school
from tenants.exchange import actions as exchange
from tenants.exchange import relay
from tenants.exchange.models import Envelope, EnvelopeKind
from tests import makers
from tests.accounts import makers as accounts
from tests.city import NOON
from tests.schools.finance import stage

API = "/api/v1/reports/"
LONG_SINCE = NOON - timedelta(days=3)


@pytest.fixture(autouse=True)
def wired(settings):
    settings.SECOND_FACTOR = "optional"


@pytest.fixture
def at_city(db):
    """A browser of an officer: at_city(), at_city(scope="330102"), at_city("price_officer")."""

    def make(role: str = "bureau_supervisor", scope: str = ""):
        with in_city():
            user = accounts.a_user(role=Role(role), scope=scope)
        return accounts.logged_in(accounts.CITY, user.login)

    return make


@pytest.fixture
def ended(north):
    """North has ended its service; the report is at the city."""
    stage.the_term()
    with in_school(north):
        them, plan = stage.people(), stage.monthly_plan()
        actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=NOON)
        sent = Envelope.objects.get(kind=EnvelopeKind.REPORT)
    relay.relay_school(north, NOON)
    return sent, them


def reported(school, subject="走廊灯坏了", now=NOON, **more):
    with in_school(school):
        sent = exchange.send(
            kind=EnvelopeKind.REPORT, subject=subject, payload={"about": "safety", "note": "已报修。", **more},
            due_at=None, by=None, now=now,
        )  # fmt: skip
    relay.relay_school(school, now)
    return sent


def text(answer):
    return answer.content.decode()


def rows(answer):
    """Below the filters."""
    return text(answer).split("</form>")[-1]


def test_the_bureau_reads_and_notes_the_end_of_a_service_and_the_school_sees_it(north, ended, at_city):
    """S33: sent means that somebody can see it."""
    sent, them = ended
    office = stage.logged_in(north, them.principal)
    settlement = f"/finance/settlement/?term={makers.TERM}"
    assert "等教育局记下" in text(office.get(settlement))
    desk = at_city()
    assert "学校上报" in text(desk.get("/"))
    listed = rows(desk.get("/reports/"))
    for said in ("提前结束", "湖滨区第一小学", "湖滨区", "未读", f"/reports/{sent.pk}/"):
        assert said in listed
    page = text(desk.get(f"/reports/{sent.pk}/"))
    for said in ("校舍维修，服务停止", "提前结束服务", "答复学校"):
        assert said in page
    noted = desk.post(f"/reports/{sent.pk}/note/", {"note": "请安排好放学接送。"})
    assert (noted.status_code, noted["Location"]) == (302, "/reports/")
    page = text(desk.get(f"/reports/{sent.pk}/"))
    assert ("请安排好放学接送。" in page, "<textarea" in page) == (True, False)
    with in_city():
        assert Entry.objects.filter(verb="exchange.noted", target=f"exchange.envelope:{sent.pk}").count() == 1
    relay.relay_school(north, NOON)
    page = text(office.get(settlement))
    assert ("已记下" in page, "请安排好放学接送。" in page) == (True, True)


def test_it_is_noted_once_and_who_comes_second_keeps_what_was_typed(ended, at_city):
    """A browser tab of yesterday."""
    sent, _them = ended
    first, second = at_city(), at_city()
    assert first.post(f"/reports/{sent.pk}/note/").status_code == 302
    late = second.post(f"/reports/{sent.pk}/note/", {"note": "请说明"})
    assert (late.status_code, "请说明" in text(late), "已答复" in text(late)) == (409, True, True)
    assert second.post(f"{API}{sent.pk}/note/", {"note": "请说明"}).status_code == 409
    with in_city():
        assert Envelope.objects.get(pk=sent.pk).answer_note == ""
        assert Entry.objects.filter(verb="exchange.noted", target=f"exchange.envelope:{sent.pk}").count() == 1


def test_an_object_read_before_it_was_noted_notes_nothing(ended):
    sent, _them = ended
    with in_city():
        stale, officer = Envelope.objects.get(pk=sent.pk), makers.a_user("bureau_supervisor")
        exchange.answer(
            envelope=Envelope.objects.get(pk=sent.pk), answer="noted", note="", by=officer, now=NOON
        )
        with pytest.raises(Refused):
            exchange.answer(envelope=stale, answer="noted", note="又", by=officer, now=NOON)


@pytest.mark.parametrize(("note", "said"), [("长" * 501, "答复学校"), ("a\x00b", "")])
def test_a_note_that_cannot_be_kept_is_refused_in_words(ended, at_city, note, said):
    sent, _them = ended
    desk = at_city()
    answer = desk.post(f"/reports/{sent.pk}/note/", {"note": note})
    assert (answer.status_code, said in text(answer)) == (400, True)
    assert desk.post(f"{API}{sent.pk}/note/", {"note": note}).status_code == 400
    with in_city():
        assert Envelope.objects.get(pk=sent.pk).answered_at is None


def test_a_districts_officer_sees_and_notes_the_own_districts_alone(ended, at_city):
    sent, _them = ended
    hills, lake = at_city(scope="330106"), at_city(scope="330102")
    assert "湖滨区第一小学" not in text(hills.get("/reports/"))
    assert hills.get(API).json()["count"] == 0
    assert hills.get(f"/reports/{sent.pk}/").status_code == 404
    for path in (f"/reports/{sent.pk}/note/", f"{API}{sent.pk}/note/"):
        assert hills.post(path).status_code == 404
    assert "330106" not in text(lake.get("/reports/"))
    assert lake.get(f"/reports/{sent.pk}/").status_code == 200
    assert lake.post(f"{API}{sent.pk}/note/").status_code == 200


@pytest.mark.parametrize("role", ["price_officer", "system_admin", "audit_admin"])
def test_it_is_the_supervisors_alone(ended, at_city, client, settings, role):
    sent, _them = ended
    desk = at_city(role)
    for path in ("/reports/", f"/reports/{sent.pk}/", API):
        assert desk.get(path).status_code == 403
        assert client.get(path, SERVER_NAME=settings.CITY_HOST).status_code in (302, 401, 403)
    for path in (f"/reports/{sent.pk}/note/", f"{API}{sent.pk}/note/"):
        assert desk.post(path).status_code == 403
    assert "学校上报" not in text(desk.get("/accounts/me/"))


def test_the_newest_come_first_and_filters_are_in_the_address(north, south, island, at_city):
    old = reported(north, "旧事", LONG_SINCE)
    reported(south, "新事")
    reported(island, "海岛的事", NOON - timedelta(days=1))
    desk = at_city()
    page = rows(desk.get("/reports/"))
    assert page.index("新事") < page.index("海岛的事") < page.index("旧事")
    desk.post(f"/reports/{old.pk}/note/")
    assert "旧事" not in rows(desk.get("/reports/?state=unread"))
    assert "旧事" in rows(desk.get("/reports/?state=noted"))
    assert "新事" not in rows(desk.get("/reports/?district=330106"))
    assert "海岛的事" not in rows(desk.get("/reports/?school=第二"))
    assert "没有符合条件的报告" in text(desk.get("/reports/?school=没有这所"))
    for odd in ("?state=nonsense", "?district=999999", "?page=9999999", "?sort=-state&sort=x"):
        assert desk.get(f"/reports/{odd}").status_code == 200
    assert desk.get("/reports/?school=%00").status_code == 400


def test_a_page_has_25_and_the_api_50(north, at_city):
    for number in range(27):
        reported(north, f"第 {number} 件", NOON + timedelta(minutes=number))
    desk = at_city()
    assert ("第 26 件" in rows(desk.get("/reports/")), "第 1 件" in rows(desk.get("/reports/"))) == (
        True,
        False,
    )
    assert "第 1 件" in rows(desk.get("/reports/?page=2"))
    found = desk.get(API).json()
    assert (found["count"], found["results"][0]["subject"]) == (27, "第 26 件")


def test_the_api_lists_filters_and_notes(north, ended, at_city):
    sent, _them = ended
    desk = at_city()
    (one,) = desk.get(f"{API}?state=unread&district=330102&school=第一").json()["results"]
    assert (one["id"], one["state"], one["about"]) == (str(sent.pk), "unread", "service_end")
    assert "校舍维修" in one["note"]
    answer = desk.post(f"{API}{sent.pk}/note/", {"note": "已知"}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"], answer.json()["answer_note"]) == (
        200,
        "noted",
        "已知",
    )
    assert desk.get(f"{API}?state=unread").json()["count"] == 0
    for odd in ("?state=nonsense", "?school=%00", f"?district={'9' * 40}"):
        assert desk.get(f"{API}{odd}").status_code == 400
    assert desk.post(f"{API}{sent.school_id}/note/").status_code == 404


def test_other_envelopes_are_no_reports(north, at_city):
    """A complaint on its way has its own desk; its address is no report's."""
    with in_school(north):
        sent = exchange.send(
            kind=EnvelopeKind.COMPLAINT, subject="投诉", due_at=None, by=None, now=NOON,
            payload={"number": "T1", "term_code": makers.TERM, "kind": "fee", "addressee": "school",
                     "submitted_date": "2026-09-01", "due_date": "2026-09-08"},
        )  # fmt: skip
    relay.relay_school(north, NOON)
    desk = at_city()
    assert desk.get(f"/reports/{sent.pk}/").status_code == 404
    assert desk.get(API).json()["count"] == 0
