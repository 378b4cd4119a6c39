"""A sentence on a page is true where it stands, and of use to who reads it."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from schools.people import adult_actions, denials
from schools.people.models import Pupil, Relation
from schools.people.rights import Rights
from schools.people.roster import headers
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.books import LI, book, flaws, load, take
from tests.schools.people.stage import client_of, parent, staff
from tests.schools.people.test_roster_pages import send


@pytest.fixture
def stage(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        ming = makers.a_pupil(name="李小明")
        found = {
            "ming": ming,
            "alice": parent(ming, name="李静"),
            "clerk": makers.a_user("clerk", name="周老师"),
        }
        tie = makers.a_guardian(ming, name="王强").ties.get()
        adult_actions.deny(tie=tie, reason="法院裁定 12 号", by=found["clerk"], now=NOON)
        return {**found, "tie": tie}


def test_the_office_is_not_sent_to_itself_about_a_denial(stage, north):
    """Who denied it, when, and the way on; a parent hears neither."""
    by, tie = stage["clerk"], stage["tie"]
    with in_school(north):
        for refused in (
            lambda: adult_actions.deny(tie=tie, reason="又一次", by=by, now=NOON),
            lambda: adult_actions.end_tie(tie=tie, reason="不再接送", by=by, now=NOON),
            lambda: adult_actions.change_rights(
                tie=tie,
                before=Rights.of(tie),
                relation=Relation.FATHER,
                may_sign=True,
                may_collect=True,
                reason="又一次",
                by=by,
                now=NOON,
            ),
        ):
            with pytest.raises(denials.Denied) as said:
                refused()
            assert "联系学校办公室" not in str(said.value)
            assert all(word in str(said.value) for word in ("王强", "周老师", "2026-09-01"))
        with pytest.raises(denials.Denied) as said:
            adult_actions.remove_collector(tie=tie, by=stage["alice"].user, now=NOON)
        assert type(said.value) is denials.Denied
    page = client_of(north, by).post(
        f"/desk/pupils/{stage['ming'].pk}/adults/{tie.pk}/deny/", {"reason": "又一次"}
    )
    assert (page.status_code, "已经登记" in page.content.decode()) == (400, True)


def test_a_roster_of_headings_alone_is_refused(north):
    """It would list the whole school as missing, with a button that marks all of it as gone."""
    client = staff(north, "clerk")[1]
    with in_school(north):
        load(book(LI))
    for data in (book(), book(("合计", "", "", "", ""))):
        page = send(client, data)
        assert (page.status_code, "没有一行学生" in page.content.decode()) == (400, True)
        with in_school(north), pytest.raises(headers.NoPupils):
            take(data)
    with in_school(north):
        assert Pupil.objects.get().left_date is None


def test_the_rosters_page_says_what_stops_all_and_what_only_one_row(north):
    page = staff(north, "clerk")[1].get("/desk/roster/").content.decode()
    assert "有一处不对就什么都不写" not in page
    assert "逐条核对" in page


def test_an_import_that_changed_nothing_promises_no_log_in(north):
    client = staff(north, "clerk")[1]
    with in_school(north):
        first, again = load(book(LI)), load(book(LI))
    assert "可以用手机号登录" in client.get(f"/desk/roster/imports/{first.pk}/").content.decode()
    assert "可以用手机号登录" not in client.get(f"/desk/roster/imports/{again.pk}/").content.decode()


def test_a_name_that_is_too_long_is_called_too_long(north):
    with in_school(north):
        found = flaws(book((*LI[:1], "李" * 500, *LI[2:])))
        assert any("60" in reason and "符号" not in reason for reason in found.values()), found
    client = staff(north, "clerk")[1]
    with in_school(north):
        pupil = makers.a_pupil()
    body = {"name": "李" * 500, "phone": "13600136000", "relation": "other"}
    said = client.post(f"/api/v1/pupils/{pupil.pk}/adults/", body)
    assert (said.status_code, "符号" in said.content.decode()) == (400, False)


@pytest.mark.parametrize("password", ["abc", "12345678901", "password123", "wangqiang"])
def test_a_weak_password_is_refused_in_chinese(north, password):
    """Django has no Chinese for one of its own sentences."""
    with in_school(north):
        user = makers.a_user("clerk", name="wangqiang")
        with translation.override("zh-hans"), pytest.raises(ValidationError) as said:
            validate_password(password, user)
        assert not any("password" in sentence.lower() for sentence in said.value.messages), (
            said.value.messages
        )
        with translation.override("en"), pytest.raises(ValidationError) as said:
            validate_password(password, user)
        assert all(sentence.isascii() or "’" in sentence for sentence in said.value.messages)


@pytest.mark.parametrize("role", ["clerk", "principal", "deputy"])
def test_the_list_of_staff_is_in_the_navigation_of_who_may_read_it(north, role):
    client = staff(north, role)[1]
    assert client.get("/desk/staff/").status_code == 200
    for page in ("/desk/", "/committee/", "/desk/pupils/"):
        assert 'href="/desk/staff/"' in client.get(page).content.decode()
