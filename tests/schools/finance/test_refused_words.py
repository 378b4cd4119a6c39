"""A reason or note that names a child is refused and asked about, on the page and by the API."""

import pytest

from schools.finance import queries
from schools.people.models import WordQuestion
from tenants.context import in_school
from tests import makers
from tests.schools.finance.test_pages import Stage, no_second_factor, school, text  # noqa: F401  (fixtures)

SAID = "王小明家的款退回"
API = "/api/v1/finance"


@pytest.fixture
def on(school):  # noqa: F811
    found = Stage(school)
    with in_school(school):
        makers.a_pupil(name="王小明")
        found.row = queries.transfers(makers.TERM, kind="payment").first()
    return found


def asked(on):
    with in_school(on.school):
        return [(row.text, row.asked_by) for row in WordQuestion.objects.all()]


@pytest.mark.parametrize("by_api", [False, True])
def test_a_reversals_note(on, by_api):
    client, given = on.as_(on.them.principal), {"reason": "bounced", "note": SAID}
    if by_api:
        path = f"{API}/transfers/{on.row.pk}/reverse/"
        refused = client.post(path, given, content_type="application/json")
        assert refused.json()["code"] == "exchange.names_a_child"
    else:
        refused = client.post(f"/finance/rows/{on.row.pk}/reverse/", given)
        assert "用词核对" in text(refused)
    assert refused.status_code == 409
    assert asked(on) == [(SAID, on.them.principal)]


@pytest.mark.parametrize("by_api", [False, True])
def test_the_reason_of_an_early_end(on, by_api):
    client, said = on.as_(on.them.principal), "王小明的家长投诉，服务停止"
    if by_api:
        given = {"term_code": makers.TERM, "reason": said}
        refused = client.post(f"{API}/service-end/", given, content_type="application/json")
    else:
        refused = client.post(f"/finance/service-end/?term={makers.TERM}", {"reason": said})
        assert "用词核对" in text(refused)
    assert refused.status_code == 409, refused.content.decode()[:500]
    assert asked(on) == [(said, on.them.principal)]
