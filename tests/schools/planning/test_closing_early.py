"""When everybody has answered, a consultation may end before its time: families were told so, and hear of it (S11)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from schools.notices.models import Notice
from schools.planning import consultation_actions as actions
from schools.planning.models import Consultation, Wish
from tenants.context import in_school
from tests import makers
from tests.schools.planning import stage
from tests.schools.planning.stage import CLOSES, NOW

TITLE = "意愿征询提前结束了"


@pytest.fixture
def asked(north):
    """Open; the one family, with two adults who may sign, has answered."""
    stage.a_city()
    with in_school(north):
        clerk, pupil = makers.a_user("clerk"), makers.a_pupil()
        parent, other = stage.a_parent(pupil), stage.a_parent(pupil)
        row = actions.draft_consultation(
            term_code=makers.TERM, title="意愿征询", text="请您选择。", closes_at=CLOSES, by=clerk, now=NOW
        )
        actions.open_consultation(consultation=row, by=clerk, now=NOW)
        actions.answer(consultation=row, pupil=pupil, wish=Wish.YES, by=parent.user, now=NOW)
        yield row, clerk, pupil, parent, other


def closes(asked, *, now):
    actions.close_consultation(consultation=asked[0], by=asked[1], now=now)


def test_every_adult_who_was_asked_hears_of_the_earlier_end(asked):
    closes(asked, now=NOW + timedelta(hours=25))
    notice = Notice.objects.get(title=TITLE)
    assert "原定 2026-09-04 12:00 截止" in notice.body
    assert "2026-09-02 13:00 结束" in notice.body
    assert notice.deliveries.count() == 2


def test_at_its_time_it_ends_as_everybody_was_told(asked):
    closes(asked, now=CLOSES)
    assert not Notice.objects.filter(title=TITLE).exists()


def test_looking_at_the_question_tells_nobody(north, asked):
    row, clerk, *_others = asked
    Consultation.objects.update(closes_at=timezone.now() + timedelta(days=3))
    page = stage.browser(north, clerk).get(f"/desk/consultations/{row.pk}/close/").content.decode()
    assert "还没有到截止时间" in page
    assert "通知" in page
    assert not Notice.objects.filter(title=TITLE).exists()


def test_no_page_promises_time_that_may_be_cut(north, asked):
    row, clerk, pupil, parent, _other = asked
    real = timezone.now()
    Consultation.objects.update(closes_at=real + timedelta(days=3))
    family = stage.browser(north, parent.user)
    done, one = f"/family/consultation/{row.pk}/", f"/family/consultation/{row.pk}/{pupil.pk}/"
    for page in (family.get(done).content.decode(), family.get(one).content.decode()):
        assert "之前都可以修改" not in page
        assert "截止前可以改" not in page
        assert "提前结束" in page
    assert (
        "提前结束"
        in stage.browser(north, clerk).get(f"/desk/consultations/{row.pk}/closing/").content.decode()
    )
    actions.move_closing(
        consultation=Consultation.objects.get(), closes_at=real + timedelta(days=5), by=clerk, now=real
    )
    assert "提前结束" in Notice.objects.get(title="意愿征询的截止时间改了").body
    actions.close_consultation(consultation=row, by=clerk, now=real)
    over = family.get(done).content.decode()
    assert "征询截止" not in over
    assert "已经结束" in over
