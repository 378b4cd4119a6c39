"""The committee's own rules are read by the whole school: no child is named in them, as in all that goes out."""

import pytest

from schools.committee import actions
from schools.committee.models import Committee, Resolution, Subject
from schools.people.models import WordQuestion
from tenants.context import in_school
from tenants.exchange.names import NamesAChild
from tests import makers
from tests.city import NOON
from tests.schools.planning.stage import a_seated_committee, browser

TEXT = "接送时请先接李小明，再接其他孩子。"
REASON = "是儿歌里的人物，不是学生"


@pytest.fixture
def chair(north):
    with in_school(north):
        makers.a_pupil(name="李小明")
        return a_seated_committee()[0].user


@pytest.mark.parametrize(
    "given", [{"title": "李小明管理制度", "text": "如下"}, {"title": "制度", "text": TEXT}]
)
def test_a_rule_that_names_a_child_is_not_put_to_the_vote(north, chair, given):
    with in_school(north), pytest.raises(NamesAChild):
        actions.open_resolution(
            committee=Committee.objects.get(),
            subject=Subject.RULES,
            object_id=None,
            by=chair,
            now=NOON,
            **given,
        )


def test_the_question_stays_and_its_answer_lets_it_pass(north, chair):
    client = browser(north, chair)
    address, given = "/committee/resolutions/new/", {"title": "接送制度", "text": TEXT}
    refused = client.post(address, given)
    assert (refused.status_code, "用词核对" in refused.content.decode()) == (400, True)
    with in_school(north):
        assert not Resolution.objects.filter(subject=Subject.RULES).exists()
        question = WordQuestion.objects.get()
        assert question.asked_by == chair
        clerk = makers.a_user("clerk")
    said = browser(north, clerk).post(f"/desk/words/{question.pk}/", {"answer": "fine", "reason": REASON})
    assert said.status_code == 302, said.content.decode()
    assert client.post(address, given).status_code == 302
    with in_school(north):
        assert Resolution.objects.filter(subject=Subject.RULES).count() == 1
