"""A child's name in a text that leaves the school is found however it is written, and nothing else is taken for one."""

import pytest

from tenants.context import in_school
from tenants.exchange import names
from tests import makers

WRITTEN = (
    "给郑杰买书", "给郑 杰买书", "给郑\u3000杰买书", "给郑·杰买书", "给郑•杰买书", "给郑・杰买书", "给郑\u200b杰买书",
    "给郑\u200d杰买书", "给郑\ufeff杰买书", "给郑\u00ad杰买书", "给郑-杰买书", "给郑_杰买书", "给郑.杰买书",
    "给郑（杰）买书", "给郑\t杰买书", "给 郑 \u200b 杰 买书", "给鄭傑买书", "给郑\ufe00杰买书", "“郑”“杰”",
)  # fmt: skip


@pytest.fixture
def school(north):
    with in_school(north):
        makers.a_pupil(name="郑杰")
        yield north


@pytest.mark.parametrize("text", WRITTEN)
def test_a_name_is_found_however_it_is_written(school, text):
    """A blank, full-width, a middle dot, a sign of no width: each passed."""
    with pytest.raises(names.NamesAChild):
        names.refuse_children(["画纸", text])


@pytest.mark.parametrize(
    "text",
    ["", " ", "大家郑重，杰出", "郑重。杰出的人", "郑\n杰", "画纸", "郑", "杰郑", "x" * 10_000, "\x00"],
)
def test_signs_of_two_clauses_are_no_name(school, text):
    names.refuse_children([text])


@pytest.mark.parametrize("name", ["欧阳 明月", "欧阳·明月", "歐陽明月", "欧阳\u3000明月"])
def test_a_name_is_kept_in_any_writing_and_still_found(north, name):
    with in_school(north):
        makers.a_pupil(name=name)
        with pytest.raises(names.NamesAChild):
            names.refuse_children(["欧阳明月的画纸"])


def test_a_latin_name_is_a_word_of_its_own(north):
    with in_school(north):
        makers.a_pupil(name="Ada Li")
        makers.a_pupil(name="Tom")
        for text in ("for ADA LI", "Ａｄａ Ｌｉ的画", "A\u200bda Li", "ada·li", "给Tom买书", "TOM"):
            with pytest.raises(names.NamesAChild):
                names.refuse_children([text])
        for text in ("Canada limited", "tomorrow", "atom", "0199ada1li"):
            names.refuse_children([text])


def test_each_text_is_looked_at_by_itself(north):
    with in_school(north):
        makers.a_pupil(name="郑杰")
        names.refuse_children(["给郑", "杰买书"])


def test_two_queries_however_many_texts(school, django_assert_num_queries):
    with django_assert_num_queries(2):
        names.refuse_children(f"画纸{n}" for n in range(100))
