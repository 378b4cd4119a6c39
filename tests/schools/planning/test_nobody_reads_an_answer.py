"""The office reads nobody's answer: by reloading, by moving the child, or by counting (S11, S34)."""

import re

import pytest

from schools.people import pupil_actions
from schools.planning import consultation_actions as actions
from schools.planning import consultation_queries as queries
from schools.planning import facts
from schools.planning.models import Answer, Channel, Wish
from tenants.context import in_school
from tests import makers
from tests.schools.planning.stage import AFTER, CLOSES, NOW, a_city, a_parent, browser

NUMBERS = re.compile(r"<t[dh][^>]*>.*?</t[dh]>|ab-tile.*?</div>|[0-9]+\s*人", re.DOTALL)


@pytest.fixture
def stage(north):
    """Two classes of seven and an empty one; everybody has answered but the first child's parent."""
    a_city()
    with in_school(north):
        clerk = makers.a_user("clerk")
        classes = [makers.a_class(grade=grade) for grade in (3, 3, 5)]
        pupils = [makers.a_pupil(school_class=classes[n % 2]) for n in range(14)]
        parents = [a_parent(pupil) for pupil in pupils]
        asked = actions.draft_consultation(
            term_code=makers.TERM, title="意愿征询", text="请您选择。", closes_at=CLOSES, by=clerk, now=NOW
        )
        actions.open_consultation(consultation=asked, by=clerk, now=NOW)
        for number, (pupil, parent) in enumerate(zip(pupils[1:], parents[1:], strict=True)):
            wish = Wish.YES if number % 3 else Wish.NO
            actions.answer(consultation=asked, pupil=pupil, wish=wish, by=parent.user, now=NOW)
    return {"asked": asked, "clerk": clerk, "classes": classes, "pupils": pupils, "parents": parents}


def read(north, stage):
    """All numbers of the page."""
    page = browser(north, stage["clerk"]).get(f"/desk/consultations/{stage['asked'].pk}/")
    return NUMBERS.findall(page.content.decode())


def says(stage, wish):
    actions.answer(
        consultation=stage["asked"],
        pupil=stage["pupils"][0],
        wish=wish,
        by=stage["parents"][0].user,
        now=NOW,
    )


def closed(stage):
    actions.close_consultation(consultation=stage["asked"], by=stage["clerk"], now=AFTER)
    stage["asked"].refresh_from_db()


def moved(stage, pupil, school_class):
    pupil_actions.move_class(pupil=pupil, school_class=school_class, by=stage["clerk"], now=AFTER)


def test_a_page_that_is_loaded_between_two_answers_tells_that_somebody_answered_and_not_what(north, stage):
    seen = set()
    for wish in Wish:
        with in_school(north):
            says(stage, wish)
        seen.add(tuple(read(north, stage)))
    assert len(seen) == 1
    close = browser(north, stage["clerk"])
    with in_school(north):
        type(stage["asked"]).objects.update(closes_at=NOW)
    words = close.get(f"/desk/consultations/{stage['asked'].pk}/close/").content.decode()
    assert "已答复 14" in words
    assert "不需要" not in words


def test_a_class_of_one_shows_no_answer_while_it_is_open_nor_after(north, stage):
    with in_school(north):
        moved(stage, stage["pupils"][0], stage["classes"][2])
        seen = set()
    for wish in Wish:
        with in_school(north):
            says(stage, wish)
        seen.add(tuple(read(north, stage)))
    assert len(seen) == 1
    with in_school(north):
        closed(stage)
        assert stage["classes"][2].pk not in {
            key
            for line in queries.split_of(stage["asked"], None)
            for key in line.group.ids
            if len(line.group.ids) == 1
        }


def test_a_child_that_moves_after_the_close_takes_no_answer_along(north, stage):
    with in_school(north):
        says(stage, Wish.NO)
        closed(stage)
        before_facts = facts.of_classes(makers.TERM)
    before = read(north, stage)
    assert "需要" in "".join(browser_page(north, stage))
    for pupil in stage["pupils"][:2]:
        with in_school(north):
            moved(stage, pupil, stage["classes"][2])
        assert read(north, stage) == before
        with in_school(north):
            assert facts.of_classes(makers.TERM) == before_facts
            assert not queries.demand_in_grades(stage["asked"], 5, 5)


def browser_page(north, stage):
    return browser(north, stage["clerk"]).get(f"/desk/consultations/{stage['asked'].pk}/").content.decode()


def test_after_the_close_large_classes_are_told_apart(north, stage):
    with in_school(north):
        says(stage, Wish.NO)
        closed(stage)
        lines = queries.split_of(stage["asked"], None)
        assert [(line.group.answers, line.group.yes + line.group.others) for line in lines] == [
            (7, 7),
            (7, 7),
        ]
        own = frozenset([str(stage["classes"][0].pk)])
        assert [line.name for line in queries.split_of(stage["asked"], own)] == [stage["classes"][0].name]
    assert "按结束时的班级统计" in browser_page(north, stage)


def test_a_small_school_is_told_in_totals_alone(north):
    a_city()
    with in_school(north):
        clerk = makers.a_user("clerk")
        pupils = [makers.a_pupil(school_class=makers.a_class()) for _n in range(2)]
        parents = [a_parent(pupil) for pupil in pupils]
        asked = actions.draft_consultation(
            term_code=makers.TERM, title="意愿征询", text="请您选择。", closes_at=CLOSES, by=clerk, now=NOW
        )
        actions.open_consultation(consultation=asked, by=clerk, now=NOW)
        for pupil, parent, wish in zip(pupils, parents, [Wish.YES, Wish.NO], strict=True):
            actions.answer(consultation=asked, pupil=pupil, wish=wish, by=parent.user, now=NOW)
        actions.close_consultation(consultation=asked, by=clerk, now=AFTER)
        assert queries.split_of(asked, None) == []
        assert set(Answer.objects.values_list("channel", flat=True)) == {Channel.PHONE}
        assert {row.school_class_id for row in Answer.objects.all()} == {p.school_class_id for p in pupils}
    page = browser(north, clerk).get(f"/desk/consultations/{asked.pk}/").content.decode()
    assert "不分班显示答复" in page
