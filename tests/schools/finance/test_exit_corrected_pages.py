"""Where the office finds an exit that the roll contradicts, and corrects it: list, refund, page, API (S36, S37)."""

import pytest

from schools.enrolment.models import Agreement
from schools.finance.models import Refund
from tenants.context import in_school
from tests.schools.finance.test_looked_at_first import on  # noqa: F401  (fixtures)
from tests.schools.finance.test_pages import TODAY, no_second_factor, school, text  # noqa: F401  (fixtures)

LIST = "/finance/refunds/"


def page_of(on):  # noqa: F811  (a fixture)
    return f"/finance/refunds/exits/{on.doubtful.agreement_id}/correct/"


def last_day_of(on):  # noqa: F811
    with in_school(on.school):
        on.doubtful.refresh_from_db()
        return Agreement.objects.get(pk=on.doubtful.agreement_id).until_date, on.doubtful.state


def test_list_and_refund_lead_to_it_and_it_asks_first(on):  # noqa: F811
    client = on.as_(on.them.principal)
    for where in (LIST, f"/finance/refunds/{on.doubtful.pk}/"):
        assert page_of(on) in client.get(where).content.decode()
    assert page_of(on) not in client.get(f"/finance/refunds/{on.plain.pk}/").content.decode()
    before = last_day_of(on)
    asked = text(client.get(page_of(on)))
    assert "点名册上还有 1 天到课" in asked
    assert last_day_of(on) == before  # asking does nothing
    done = client.post(page_of(on), follow=True)
    assert "退出日期已更正" in text(done)
    assert last_day_of(on) == (TODAY, "void")
    assert page_of(on) not in client.get(LIST).content.decode()
    again = client.post(page_of(on))
    assert again.status_code == 409
    assert "退出日期不用更正" in text(again)


def test_who_has_no_say_finds_neither_link_nor_page(on):  # noqa: F811
    for who in (on.them.treasurer, on.them.chair):
        client = on.as_(who)
        assert page_of(on) not in client.get(LIST).content.decode()
        assert client.post(page_of(on)).status_code == 403
    assert last_day_of(on)[1] == "draft"


def test_the_api_does_the_same(on):  # noqa: F811
    address = f"/api/v1{page_of(on)}"
    said = on.as_(on.them.principal).post(address, content_type="application/json")
    assert (said.status_code, said.json()["until_date"]) == (200, TODAY.isoformat())
    again = on.as_(on.them.principal).post(address, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "enrolment.not_seen_after")


@pytest.mark.parametrize("state", ["issued", "confirmed"])
def test_what_was_sent_is_no_longer_asked_about_by_a_draft(on, state):  # noqa: F811
    with in_school(on.school):
        Refund.objects.filter(pk=on.doubtful.pk).update(state=state)
    answer = on.as_(on.them.principal).post(page_of(on), follow=True)
    assert ("还没有登记到账或失败" in text(answer)) is (state == "issued")
