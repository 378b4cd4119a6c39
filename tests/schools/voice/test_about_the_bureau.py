"""Of a complaint about the bureau the family is told no more than is true."""

import pytest

from tenants.letterbox.models import Accused
from tests.oversight.hearings.stage import an_officer
from tests.schools.enrolment.stage import browser, text
from tests.schools.voice.test_letters import say

KEPT, ALONE, OPEN = "姓名与您写的相同或相近的人", "现在没有与此事无关的人", "没有写清姓名"


@pytest.mark.parametrize(
    ("group", "written", "officers", "said"),
    [
        (Accused.BUREAU, "周明", ["周明"], ALONE),
        (Accused.BUREAU, "周科长", ["周明"], ALONE),
        (Accused.BUREAU, "周科长", ["周明", "郑海"], KEPT),
        (Accused.BUREAU, "", ["郑海"], ALONE),
        (Accused.BUREAU, "", ["周明", "郑海"], OPEN),
        (Accused.BUREAU, "科长", ["周明", "郑海"], OPEN),
        (Accused.TEACHER, "周明", ["周明"], ALONE),
        (Accused.TEACHER, "周明", ["周明", "郑海"], None),
        (Accused.NOBODY, "", ["周明"], None),
    ],
)
def test_the_familys_sentence_is_true(school, parent, group, written, officers, said):
    for name in officers:
        an_officer(name=name)
    made = say(school, parent, accused=group, accused_name=written)
    page = text(browser(school, parent).get(f"/family/complaints/bureau/{made.pk}/"))
    assert [sentence for sentence in (KEPT, ALONE, OPEN) if sentence in page] == ([said] if said else [])
    assert ("12345" in page) is (said is not None)
    assert "被投诉的人和区县教育局都看不到" not in page
    new = text(browser(school, parent).get("/family/complaints/new/"))
    assert "由市教育局与此事无关的人办理" not in new
    assert "写明姓名" in new
