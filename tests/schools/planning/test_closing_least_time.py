"""A consultation lasts a day at least, and a family hears what the school keyed for its child in time to object (S11)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from afterbell.pages.templatetags import show
from schools.notices.models import Delivery, Notice
from schools.planning import consultation_actions as actions
from schools.planning.models import Answer, Consultation, Wish
from tenants.context import in_school
from tests import makers
from tests.schools.planning import stage
from tests.schools.planning.stage import CLOSES, NOW

pytestmark = pytest.mark.usefixtures("asked")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
KEYED, ENDED = "学校录入了纸质回执", "意愿征询提前结束了"


@pytest.fixture
def asked(north):
    """Open; two families with a slip each, the first with two adults who sign; one more has a phone."""
    stage.a_city()
    with in_school(north):
        row = actions.draft_consultation(
            term_code=makers.TERM, title="意愿征询", text="请您选择。", closes_at=CLOSES, by=makers.a_user("clerk"),
            now=NOW,
        )  # fmt: skip
        row.clerk = makers.a_user("clerk")
        row.children = [makers.a_pupil() for _ in range(3)]
        row.parents = [stage.a_parent(child) for child in row.children]
        row.other = stage.a_parent(row.children[0])
        actions.open_consultation(consultation=row, by=row.clerk, now=NOW)
        yield row


def keys(row, *wishes, now=NOW + MINUTE):
    slips = {child.pk: wish for child, wish in zip(row.children, wishes, strict=False)}
    actions.key_paper_answers(consultation=row, wishes=slips, by=row.clerk, now=now)


def all_keyed(row, now=NOW + MINUTE):
    keys(row, Wish.YES, Wish.NO, now=now)
    actions.answer(consultation=row, pupil=row.children[2], wish=Wish.NO, by=row.parents[2].user, now=now)


def closes(row, now):
    actions.close_consultation(consultation=row, by=row.clerk, now=now)


def letters(title):
    """Adult, child and what was said."""
    rows = Delivery.objects.filter(notice__title=title).select_related("notice")
    return {
        (row.guardian, row.pupil, "“不需要”" in row.notice.body, "“需要”" in row.notice.body) for row in rows
    }


def test_it_is_not_over_within_a_minute(asked):
    all_keyed(asked)
    for now in (NOW + 2 * MINUTE, NOW + DAY - MINUTE):
        with pytest.raises(actions.EndsTooSoon, match="2026-09-02 12:01"):
            closes(asked, now)
    closes(asked, NOW + DAY + MINUTE)
    assert Consultation.objects.get().state == "closed"


def test_slips_keyed_late_have_their_day_too(asked):
    all_keyed(asked, now=NOW + DAY)
    with pytest.raises(actions.EndsTooSoon):
        closes(asked, NOW + DAY + 2 * MINUTE)
    closes(asked, NOW + 2 * DAY)


def test_an_answer_of_a_parents_own_holds_nothing_up(asked):
    all_keyed(asked)
    later = NOW + DAY + MINUTE
    actions.answer(
        consultation=asked, pupil=asked.children[2], wish=Wish.YES, by=asked.parents[2].user, now=later
    )
    closes(asked, later)


def test_at_the_deadline_it_ends_whenever_slips_came(asked):
    all_keyed(asked, now=CLOSES - MINUTE)
    closes(asked, CLOSES)


def test_a_deadline_too_near_is_not_sent_to_anybody(north):
    with in_school(north):
        Answer.objects.all().delete()
        Consultation.objects.all().delete()
        clerk = makers.a_user("clerk")
        row = actions.draft_consultation(
            term_code=makers.TERM,
            title="意愿征询",
            text="请您选择。",
            closes_at=NOW + 5 * MINUTE,
            by=clerk,
            now=NOW,
        )
        with pytest.raises(actions.TooSoon):
            actions.open_consultation(consultation=row, by=clerk, now=NOW)


def test_a_family_hears_what_was_keyed_for_its_child_and_can_object(asked):
    keys(asked, Wish.YES, Wish.NO)
    one, two, _three = asked.children
    assert letters(KEYED) == {
        (asked.parents[0], one, False, True), (asked.other, one, False, True), (asked.parents[1], two, True, False),
    }  # fmt: skip
    assert Notice.objects.filter(title=KEYED).count() == 2  # one letter a wish, however many children
    body = Notice.objects.filter(title=KEYED).first().body
    assert "2026-09-04 12:00" in body
    assert f"/family/consultation/{asked.pk}/" in body
    actions.answer(
        consultation=asked, pupil=one, wish=Wish.NO, by=asked.parents[0].user, now=NOW + 3 * MINUTE
    )
    assert Answer.objects.get(pupil=one).wish == Wish.NO


def test_keyed_once_more_only_what_is_new_is_told(asked):
    keys(asked, Wish.YES, Wish.NO)
    before = Delivery.objects.count()
    keys(asked, Wish.YES, Wish.NO, now=NOW + 2 * MINUTE)
    assert Delivery.objects.count() == before
    keys(asked, Wish.YES, Wish.YES, now=NOW + 3 * MINUTE)
    assert Delivery.objects.count() == before + 1


def test_the_letter_of_an_earlier_end_says_for_each_child_what_was_keyed(asked):
    all_keyed(asked)
    closes(asked, NOW + 2 * DAY)
    one, two, _three = asked.children
    assert letters(ENDED) == {
        (asked.parents[0], one, False, True), (asked.other, one, False, True), (asked.parents[1], two, True, False),
        (asked.parents[2], None, False, False),
    }  # fmt: skip


def test_the_desk_says_from_when_on_it_may_end(north, asked):
    real = timezone.now()
    all_keyed(asked)
    Consultation.objects.update(opened_at=real, closes_at=real + 3 * DAY)
    browser = stage.browser(north, asked.clerk)
    page = browser.get(f"/desk/consultations/{asked.pk}/").content.decode()
    assert "结束征询</" not in page
    assert f"{show.minute(real + DAY)} 起可以提前结束" in page
    no = browser.get(f"/desk/consultations/{asked.pk}/close/").content.decode()
    assert f"{timezone.localtime(real + DAY):%Y-%m-%d %H:%M} 起才能提前结束" in no
