"""The audit administrator searches the city's own entries and takes them away: a file leaves an entry, no school's come."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from afterbell.accounts.roles import Role
from afterbell.audit import actions as audit
from afterbell.audit.models import Entry
from oversight.trail import entries
from tenants.context import in_city
from tests.accounts import makers as accounts
from tests.city import NORTH
from tests.tenants.chains import deeds

LATE_ON_THE_2ND = datetime(2026, 10, 2, 15, 59, 59, tzinfo=UTC)
"""23:59:59 in the city."""


@pytest.fixture(autouse=True)
def wired(settings):
    settings.SECOND_FACTOR = "optional"


@pytest.fixture
def auditor(db):
    with in_city():
        return accounts.a_user(role=Role.AUDIT_ADMIN, name="审计员甲")


@pytest.fixture
def desk(auditor):
    return accounts.logged_in(accounts.CITY, auditor.login)


def done(verb, target="thing:1", *, by=None, at=LATE_ON_THE_2ND, **details):
    with in_city(), transaction.atomic():
        audit.record(verb=verb, target=target, by=by, at=at, details=details)


def text(answer):
    return answer.content.decode()


def rows(answer):
    return text(answer).partition("<tbody")[2].partition("</tbody>")[0]


def exports():
    with in_city():
        return [row.details for row in Entry.objects.filter(verb="audit.entries.export").order_by("position")]


def test_it_is_the_audit_administrators_alone(desk, client, settings):
    assert desk.get("/audit/").status_code == 200
    for role in (Role.BUREAU_SUPERVISOR, Role.PRICE_OFFICER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
        with in_city():
            other = accounts.logged_in(accounts.CITY, accounts.a_user(role=role).login)
        assert other.get("/audit/").status_code == 403
        assert other.post("/audit/export/", {"format": "csv"}).status_code == 403
    assert client.get("/audit/", SERVER_NAME=settings.CITY_HOST).status_code == 302
    assert desk.get("/audit/export/").status_code == 405
    assert exports() == []


def test_the_newest_come_first_with_who_did_what(desk, auditor):
    done("test.first.do", by=auditor, at=LATE_ON_THE_2ND, count=3)
    done("test.second.do")
    page = rows(desk.get("/audit/?verb=test."))
    assert page.index("test.second.do") < page.index("test.first.do")
    for word in ("审计员甲", "系统", "2026-10-02 23:59:59", "{&quot;count&quot;:3}"):
        assert word in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from=2026-10-02&to=2026-10-02", True),
        ("from=2026-10-03", False),
        ("to=2026-10-01", False),
        ("verb=test.some", True),
        ("verb=test.other", False),
        ("target=thing:77", True),
        ("target=thing:78", False),
        ("who=审计员甲", True),
        ("who=-", False),
        ("who=没有这个人", False),
        (f"school={NORTH}", True),
        ("school=3301020002", False),
    ],
)
def test_filters_are_in_the_address(north, desk, auditor, query, found):
    done("test.some.do", "thing:77", by=auditor, school=NORTH)
    assert ("test.some.do" in rows(desk.get(f"/audit/?{query}"))) is found


def test_a_school_is_found_by_its_key_too_and_a_person_by_id(north, desk, auditor):
    done("test.key.do", north, by=auditor)
    assert "test.key.do" in rows(desk.get(f"/audit/?school={NORTH}"))
    assert "test.key.do" in rows(desk.get(f"/audit/?who={auditor.pk}"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=nonsense", "从"),
        ("from=0001-01-01", ""),
        ("to=9999-12-31", ""),
        ("from=2026-10-03&to=2026-10-02", "结束日期不能早于开始日期"),
        ("verb=%25", "请填动作的开头"),
        ("target=张三", "请填对象的类别或编号"),
        ("school=12", "学校标识码是 10 位数字"),
        ("page=99999999", ""),
    ],
)
def test_what_cant_be_read_is_said_and_filters_nothing(desk, query, said):
    answer = desk.get(f"/audit/?{query}")
    assert answer.status_code == 200
    assert said in text(answer)
    refused = desk.post(f"/audit/export/?{query}", {"format": "csv"})
    assert refused.status_code == (200 if "page" in query else 302)


def test_no_schools_entry_is_on_a_page_of_the_city(north, desk):
    """Decision 40."""
    deeds(north, 3)
    assert "test.thing.do" not in text(desk.get("/audit/"))
    assert b"test.thing.do" not in desk.post("/audit/export/", {"format": "csv"}).content


def test_a_file_has_the_rows_of_the_filters_and_leaves_an_entry(desk, auditor):
    done("test.some.do", by=auditor)
    done("test.other.do")
    answer = desk.post("/audit/export/?verb=test.some&from=2026-10-01", {"format": "csv"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-entries.csv"'
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "test.some.do" in lines[1]
    assert exports() == [{"rows": 1, "form": "csv", "filters": ["verb"], "from": "2026-10-01"}]
    book = desk.post("/audit/export/?verb=test.", {"format": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert [row[4] for row in sheet[1:]] == ["test.other.do", "test.some.do"]
    assert len(exports()) == 2
    assert "audit.entries.export" in rows(desk.get("/audit/"))


def test_what_was_typed_does_not_get_into_the_entry_of_a_file(desk):
    assert (
        desk.post("/audit/export/?who=13800138000&target=13800138000", {"format": "csv"}).status_code == 200
    )
    assert exports() == [{"rows": 0, "form": "csv", "filters": ["target", "who"]}]


def test_no_file_of_an_unknown_form_and_none_that_is_too_long(desk, monkeypatch):
    assert "没有导出" in text(desk.post("/audit/export/", {"format": "pdf"}, follow=True))
    monkeypatch.setattr(entries, "FILE_MOST", 1)
    done("test.some.do")
    done("test.some.do")
    answer = desk.post("/audit/export/?verb=test.some", {"format": "csv"}, follow=True)
    assert "超过 1 条，没有导出" in text(answer)
    assert exports() == []


def test_a_page_asks_the_same_number_of_questions_for_many_entries(desk, auditor):
    done("test.some.do", by=auditor)
    desk.get("/audit/?verb=test.")
    with CaptureQueriesContext(connection) as few:
        desk.get("/audit/?verb=test.")
    for _again in range(30):
        done("test.some.do", by=auditor)
    with CaptureQueriesContext(connection) as more:
        page = desk.get("/audit/?verb=test.")
    assert len(more) == len(few) <= 8
    assert rows(page).count("<tr") == 25
    assert "page=2" in text(page)
