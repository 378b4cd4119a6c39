"""A refund whose exit the roll contradicts goes only when the officer says that it was looked at: page, list, API (S37)."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from afterbell.audit.models import Entry
from schools.finance import actions, exit_doubts
from schools.finance.actions.refunds import LookedBefore, NotLooked
from schools.finance.models import Refund
from tenants.context import in_school
from tests import makers
from tests.schools.finance.test_news import login_of
from tests.schools.finance.test_pages import (  # noqa: F401  (fixtures)
    TODAY,
    Stage,
    first_day,
    no_second_factor,
    school,
    shown_in,
    text,
)

ALL = "/finance/refunds/all/issue/"


@pytest.fixture
def on(school):  # noqa: F811  (a fixture)
    """Two families have left, both sums are ready; the roll has the first child present after its last day."""
    found = Stage(school)
    with in_school(school):
        found.doubtful, found.plain = (a_refund(found, family) for family in found.families)
        session = makers.a_session(
            makers.an_activity(found.plan), day=TODAY, state="closed", closed_at=timezone.now()
        )
        family = found.doubtful.agreement
        found.number = family.number
        row = family.roll.create(
            session=session, pupil=family.pupil, state="present", arrived_at=timezone.now()
        )
    found.says = partial(says, row)
    return found


def says(row, word):
    row.state, row.arrived_at = word, timezone.now() if word == "present" else None
    row.save()


def a_refund(on, family):
    family.state, family.until_date = "ended", TODAY - timedelta(days=3)
    family.ended_at = timezone.now() - timedelta(days=3)
    family.save()
    return Refund.objects.create(
        agreement=family, term_code=makers.TERM, cause="exit", key=f"exit:{family.number}", amount_fen=100,
        explanation="退费", created_at=timezone.now(), prepared_by=on.them.treasurer,
    )  # fmt: skip


def state(refund):
    refund.refresh_from_db()
    return refund.state


def seen(on):
    return exit_doubts.open_of([on.doubtful])[on.doubtful.pk].seen


def ticked(page):
    """What the box stands for that the page shows."""
    return re.search(r'name="looked" value="([^"]+)"', page.content.decode())[1]


def there_again(on, day):
    """The roll has the child on one more day."""
    activity = on.doubtful.agreement.roll.first().session.activity
    session = makers.a_session(activity, day=day, state="closed", closed_at=timezone.now())
    family = on.doubtful.agreement
    family.roll.create(session=session, pupil=family.pupil, state="present", arrived_at=timezone.now())


def issued_entry():
    return Entry.objects.get(verb="finance.refund.issue")


def test_the_deed_refuses_what_nobody_looked_at_and_sends_nothing(on):
    with in_school(on.school):
        both = [on.plain, on.doubtful]
        said = {"by": on.them.principal, "now": timezone.now()}
        with pytest.raises(NotLooked, match=on.number) as refused:
            actions.issue_refunds(refunds=both, **said)
        assert "点名册上还有 1 天到课" in str(refused.value)
        with pytest.raises(NotLooked):
            actions.issue_refunds(refunds=both, looked={on.plain.pk: "x"}, **said)
        with pytest.raises(NotLooked):
            actions.issue_refund(refund=on.doubtful, **said)
        assert (state(on.plain), state(on.doubtful)) == ("draft", "draft")
        actions.issue_refunds(refunds=both, looked={on.doubtful.pk: seen(on), on.plain.pk: ""}, **said)
        assert (state(on.plain), state(on.doubtful)) == ("issued", "issued")
        entry = issued_entry()
        assert entry.details["looked"] == [str(on.doubtful.pk)]  # the other one had nothing to be looked at
        assert entry.by_id == on.them.principal.pk


def test_it_is_looked_at_again_when_the_bank_sent_it_back(on):
    with in_school(on.school):
        said = {"refund": on.doubtful, "by": on.them.principal, "now": timezone.now()}
        actions.issue_refund(looked=seen(on), **said)
        actions.fail_refund(**said)
        with pytest.raises(NotLooked):
            actions.issue_refund(**said)


@pytest.mark.parametrize("word", ["absent", "excused"])
def test_a_roll_that_was_corrected_asks_nothing(on, word):
    with in_school(on.school):
        on.says(word)
        actions.issue_refund(refund=on.doubtful, by=on.them.principal, now=timezone.now())


def test_an_agreement_that_never_began_is_in_doubt_by_any_day(on):
    with in_school(on.school):
        agreement = on.doubtful.agreement
        agreement.state, agreement.until_date = "void", TODAY + timedelta(days=9)
        agreement.save()
        with pytest.raises(NotLooked):
            actions.issue_refund(refund=on.doubtful, by=on.them.principal, now=timezone.now())


def test_the_list_leaves_it_out_says_why_and_leads_to_its_page(on):
    client = on.as_(on.them.principal)
    page = client.get(ALL)
    said = text(page)
    assert "1 笔，共 ¥1.00。" in said
    assert f"/finance/refunds/{on.doubtful.pk}/" in said
    assert on.number in said
    assert "点名册上还有 1 天到课" in said
    assert client.post(ALL, {"shown": shown_in(page)}).status_code == 302
    with in_school(on.school):
        assert (state(on.plain), state(on.doubtful)) == ("issued", "draft")
        assert "looked" not in issued_entry().details
    rest = text(client.get(ALL))
    assert on.number in rest
    assert "可能已经有人办理过" not in rest


def test_a_roll_that_moves_after_the_list_was_shown_sends_nothing(on):
    client = on.as_(on.them.principal)
    with in_school(on.school):
        on.says("absent")
    page = client.get(ALL)
    with in_school(on.school):
        on.says("present")
    answer = client.post(ALL, {"shown": shown_in(page)})
    assert answer.status_code == 409
    assert "名单有变动" in text(answer)
    with in_school(on.school):
        assert (state(on.plain), state(on.doubtful)) == ("draft", "draft")


@pytest.mark.parametrize("families", [2, 12])
def test_the_list_is_cheap(school, families, django_assert_max_num_queries):  # noqa: F811
    found = Stage(school, families=families)
    with in_school(school):
        session = makers.a_session(makers.an_activity(found.plan), day=TODAY)
        for family in found.families:
            a_refund(found, family)
            family.roll.create(
                session=session, pupil=family.pupil, state="present", arrived_at=timezone.now()
            )
    client = found.as_(found.them.principal)
    client.get(ALL)
    with django_assert_max_num_queries(20):
        client.get(ALL)


def test_the_page_asks_for_the_tick_where_there_is_something_to_look_at(on):
    client = on.as_(on.them.principal)
    address = f"/finance/refunds/{on.doubtful.pk}/"
    assert "已核对" in text(client.get(address))
    assert "已核对" not in text(client.get(f"/finance/refunds/{on.plain.pk}/"))
    refused = client.post(f"{address}issue/", {"sent": "0"}, follow=True)
    assert "点名册上还有 1 天到课" in text(refused)
    with in_school(on.school):
        assert state(on.doubtful) == "draft"
    assert (
        client.post(f"{address}issue/", {"sent": "0", "looked": ticked(client.get(address))}).status_code
        == 302
    )
    with in_school(on.school):
        assert state(on.doubtful) == "issued"
        entry = issued_entry()
        assert (entry.details["looked"], entry.by_id) == ([str(on.doubtful.pk)], on.them.principal.pk)


def test_the_api_asks_the_same(on):
    client = on.as_(on.them.principal)
    address = f"/api/v1/finance/refunds/{on.doubtful.pk}/issue/"
    for said in ({"sent": 0}, {"sent": 0, "looked": ""}):
        refused = client.post(address, said, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (409, "finance.refund_not_looked")
        assert "点名册上还有 1 天到课" in refused.json()["detail"]
    (row,) = [
        each
        for each in client.get(f"/api/v1/finance/refunds/?term={makers.TERM}").json()["results"]
        if each["id"] == str(on.doubtful.pk)
    ]
    assert "点名册上还有 1 天到课" in row["to_look_at"]
    assert row["looked"] in refused.json()["detail"]
    sent = client.post(address, {"sent": 0, "looked": row["looked"]}, content_type="application/json")
    assert (sent.status_code, sent.json()["state"]) == (200, "issued")
    with in_school(on.school):
        assert issued_entry().details["looked"] == [str(on.doubtful.pk)]


def test_as_many_days_but_others_are_looked_at_again(on):
    """The sentence is the same: two days, the last one today. One of them is another day now."""
    with in_school(on.school):
        there_again(on, TODAY - timedelta(days=2))
        before = seen(on)
        rows = on.doubtful.agreement.roll.filter(session__date=TODAY - timedelta(days=2))
        rows.update(state="absent", arrived_at=None)
        there_again(on, TODAY - timedelta(days=1))
        with pytest.raises(LookedBefore):
            actions.issue_refund(refund=on.doubtful, by=on.them.principal, now=timezone.now(), looked=before)


def test_the_office_s_doubt_is_not_on_the_family_s_bill(on):
    """What it looks at, and the code that says that it did, are for who sends the money."""
    with in_school(on.school):
        user = login_of(on.doubtful.agreement)
    (bill,) = on.as_(user).get("/api/v1/finance/bills/").json()
    (row,) = bill["refunds"]
    assert row["id"] == str(on.doubtful.pk)
    assert not {"to_look_at", "looked"} & row.keys()


def test_what_a_settlement_gives_is_no_exit(on):
    """Its sum comes from the books, not from a last day; the rule is asked for exits alone."""
    with in_school(on.school):
        Refund.objects.filter(pk=on.doubtful.pk).update(cause="settlement")
        refund = Refund.objects.get(pk=on.doubtful.pk)
        actions.issue_refund(refund=refund, by=on.them.principal, now=timezone.now())


@pytest.mark.parametrize("changed", ["a day more", "another last day"])
def test_what_was_looked_at_yesterday_is_looked_at_again_when_it_changed(on, changed):
    """A tab that was left open, a caller that says the same each time: deed, page and API refuse with the new days."""
    client = on.as_(on.them.principal)
    address = f"/finance/refunds/{on.doubtful.pk}/"
    old = ticked(client.get(address))
    with in_school(on.school):
        if changed == "a day more":
            there_again(on, TODAY - timedelta(days=1))
        else:
            on.doubtful.agreement.until_date -= timedelta(days=1)
            on.doubtful.agreement.save()
        with pytest.raises(LookedBefore, match=on.number):
            actions.issue_refund(refund=on.doubtful, by=on.them.principal, now=timezone.now(), looked=old)
    page = client.post(f"{address}issue/", {"sent": "0", "looked": old})
    assert (page.status_code, "又有变动" in text(page)) == (409, True)
    for said in (old, "true"):
        told = client.post(
            f"/api/v1{address}issue/", {"sent": 0, "looked": said}, content_type="application/json"
        )
        assert (told.status_code, told.json()["code"]) == (409, "finance.refund_doubt_moved")
    with in_school(on.school):
        assert state(on.doubtful) == "draft"
    assert (
        client.post(f"{address}issue/", {"sent": "0", "looked": ticked(client.get(address))}).status_code
        == 302
    )
