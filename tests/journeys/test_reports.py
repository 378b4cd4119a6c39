"""Reports of schools in a browser: read, noted by keyboard and pointer, clean for axe, on a phone and in the dark."""

from datetime import timedelta

import pytest

from tenants.context import in_city
from tenants.exchange import payloads
from tenants.exchange.models import Direction, Envelope, EnvelopeKind
from tenants.exchange.states import EnvelopeState
from tenants.models import School
from tests.dashboards.makers import NOW
from tests.journeys.test_dashboards import look, supervisor

__all__ = ["look", "supervisor"]
NOTE = "最后一天 2026-11-26。原因：校舍维修，场地无法使用，服务停止。"


@pytest.fixture
def reported(supervisor, django_db_blocker):
    """One that is new and one that was noted, at the city."""
    with django_db_blocker.unblock(), in_city():
        school = School.objects.filter(code__startswith="3301").order_by("code").last()
        payload = {"about": "service_end", "note": NOTE}
        given = {
            "kind": EnvelopeKind.REPORT, "direction": Direction.UP, "school_id": school.pk, "payload": payload,
            "payload_sha256": payloads.digest(payload),
        }  # fmt: skip
        new = Envelope.objects.create(
            subject="2026年秋季课后服务方案提前结束", state=EnvelopeState.SENT, sent_at=NOW, **given
        )
        old = Envelope.objects.create(
            subject="放学高峰校门口拥堵", state=EnvelopeState.ANSWERED, sent_at=NOW - timedelta(days=3), answer="noted",
            answer_note="已协调交警，请错峰放学。", answered_at=NOW - timedelta(days=2), **given,
        )  # fmt: skip
        try:
            yield new, old
        finally:
            Envelope.objects.filter(pk__in=[new.pk, old.pk]).delete()


@pytest.mark.parametrize(("dark", "width"), [(False, 1440), (True, 360)])
def test_axe_has_no_complaint_and_the_policy_holds(look, complaints, reported, dark, width):
    new, old = reported
    for path in (
        "/reports/",
        f"/reports/{new.pk}/",
        f"/reports/{old.pk}/",
        "/reports/?state=unread&school=没有",
    ):
        page = look(path, dark=dark, width=width)
        assert complaints(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("violations") == []


def test_a_report_is_found_read_and_noted(look, reported):
    page = look("/reports/")
    page.get_by_role("link", name="学校上报").first.click()
    page.get_by_role("link", name="2026年秋季课后服务方案提前结束").click()
    assert page.get_by_text(NOTE).is_visible()
    page.get_by_label("答复学校").fill("请安排好放学接送。")
    page.get_by_role("button", name="记下").click()
    assert page.get_by_text("已记下，学校会看到。").is_visible()
    page.get_by_role("link", name="2026年秋季课后服务方案提前结束").click()
    assert page.get_by_text("请安排好放学接送。").is_visible()
    assert page.get_by_role("button", name="记下").count() == 0
