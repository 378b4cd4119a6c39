"""The closing time of a consultation is changed before it is reached, and everybody who was asked hears of it (S11)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from afterbell.audit.models import Entry
from schools.notices.models import Notice
from schools.planning import consultation_actions as actions
from schools.planning.models import Consultation, Wish
from tenants.context import in_school
from tests import makers
from tests.schools.planning import stage
from tests.schools.planning.stage import CLOSES, NOW

DAY = timedelta(days=1)


@pytest.fixture
def asked(north):
    """Open, one family with two adults who may sign."""
    stage.a_city()
    with in_school(north):
        clerk, pupil = makers.a_user("clerk"), makers.a_pupil()
        parent, other = stage.a_parent(pupil), stage.a_parent(pupil)
        row = actions.draft_consultation(
            term_code=makers.TERM, title="意愿征询", text="请您选择。", closes_at=CLOSES, by=clerk, now=NOW
        )
        actions.open_consultation(consultation=row, by=clerk, now=NOW)
        yield row, clerk, pupil, parent, other


def moves(asked, closes_at, *, now=NOW):
    row, clerk, *_others = asked
    actions.move_closing(
        consultation=Consultation.objects.get(pk=row.pk), closes_at=closes_at, by=clerk, now=now
    )


def _written(moment):
    return moment.isoformat().lower()


def closing(asked):
    return Consultation.objects.get(pk=asked[0].pk).closes_at


@pytest.mark.parametrize("days", [2, 9])
def test_every_adult_who_was_asked_hears_of_it(asked, days):
    """Later or earlier; an answer that came before stays, and can still be changed."""
    row, _clerk, pupil, parent, _other = asked
    actions.answer(consultation=row, pupil=pupil, wish=Wish.YES, by=parent.user, now=NOW)
    moves(asked, NOW + days * DAY)
    assert closing(asked) == NOW + days * DAY
    notice = Notice.objects.get(title="意愿征询的截止时间改了")
    assert "原定 2026-09-04 12:00 截止，现改为 2026-09-" in notice.body
    assert notice.deliveries.count() == 2
    later = NOW + days * DAY - timedelta(minutes=1)
    actions.answer(consultation=row, pupil=pupil, wish=Wish.NO, by=parent.user, now=later)
    said = Entry.objects.get(verb="consultation.move_closing").details
    assert (said["before"], said["after"]) == (_written(CLOSES), _written(NOW + days * DAY))


def test_once_it_is_reached_it_stands(asked):
    with pytest.raises(actions.NotOpen):
        moves(asked, CLOSES + 5 * DAY, now=CLOSES)
    assert closing(asked) == CLOSES


def test_nobody_is_cut_off(asked):
    """Earlier, but a day is left to whoever read the old one."""
    with pytest.raises(actions.TooSoon):
        moves(asked, NOW + DAY - timedelta(minutes=1))
    moves(asked, NOW + DAY)
    assert closing(asked) == NOW + DAY


def test_twice_the_same_tells_nobody_twice(asked):
    moves(asked, CLOSES + DAY)
    with pytest.raises(actions.SameClosing):
        moves(asked, CLOSES + DAY)
    assert Notice.objects.filter(title="意愿征询的截止时间改了").count() == 1


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_a_draft_and_what_is_counted_have_their_own_ways(asked, state):
    """A draft is changed as a whole; what was counted is not opened again."""
    closed = {"closed_at": NOW} if state == "closed" else {}
    Consultation.objects.update(state=state, **closed)
    with pytest.raises(actions.NotOpen):
        moves(asked, CLOSES + DAY)


def test_on_the_page_what_was_typed_is_kept_and_others_stay_out(north, asked):
    row, clerk, _pupil, parent, _other = asked
    real = timezone.now()
    Consultation.objects.update(closes_at=real + 3 * DAY)
    desk = stage.browser(north, clerk)
    address = f"/desk/consultations/{row.pk}/closing/"
    assert "改截止时间" in desk.get(f"/desk/consultations/{row.pk}/").content.decode()
    wrong = f"{timezone.localtime(real):%Y-%m-%dT%H:%M}"
    answer = desk.post(address, {"closes_at": wrong})
    assert (answer.status_code, wrong in answer.content.decode()) == (400, True)
    assert "至少要在 24 小时以后" in answer.content.decode()
    good = f"{timezone.localtime(real + 5 * DAY):%Y-%m-%dT%H:%M}"
    assert desk.post(address, {"closes_at": good}).status_code == 302
    assert stage.browser(north, parent.user).post(address, {"closes_at": good}).status_code == 403
    Consultation.objects.update(closes_at=real - DAY)
    assert "改截止时间" not in desk.get(f"/desk/consultations/{row.pk}/").content.decode()
