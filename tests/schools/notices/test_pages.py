"""Pages and API of notices: written by the office, published by leaders, read by families, open ones by all."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schools.notices import actions
from schools.notices.models import Delivery, Draft, Notice, NoticeKind
from schools.people.models import WordQuestion
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.stage import client_of, parent, staff

pytestmark = pytest.mark.django_db
LETTER = {"kind": "letter", "title": "放学安排", "body": "请准时接孩子。\n\n谢谢。"}


@pytest.fixture
def stage(north):
    with in_school(north):
        alice, bob = parent(makers.a_pupil(), name="李强"), parent(makers.a_pupil(), name="王建国")
    return {
        "alice": alice, "bob": bob, "mother": client_of(north, alice.user), "other": client_of(north, bob.user),
        "clerk": staff(north, "clerk")[1], "principal": staff(north, "principal")[1], "nobody": client_of(north),
    }  # fmt: skip


def published(school, *to, **more) -> Notice:
    given = {
        "kind": NoticeKind.LETTER,
        "title": "放学安排",
        "body": "请准时接孩子。",
        "by": None,
        "now": NOON,
        **more,
    }
    with in_school(school):
        return actions.publish(to=to, **given)


def test_the_office_writes_a_leader_publishes_and_parents_read(stage, north):
    """S5."""
    draft = stage["clerk"].post("/desk/notices/new/", LETTER).headers["Location"]
    assert "2 位家长会收到" in stage["clerk"].get(draft).content.decode()
    assert stage["clerk"].post(f"{draft}publish/").status_code == 403
    assert "请准时" not in stage["mother"].get("/family/notices/").content.decode()
    assert stage["principal"].get(f"{draft}publish/").status_code == 200
    first = stage["principal"].post(f"{draft}publish/")
    second = stage["principal"].post(f"{draft}publish/")
    assert second.headers["Location"] == first.headers["Location"]
    with in_school(north):
        assert Notice.objects.count() == 1
        own = Delivery.objects.get(guardian=stage["alice"])
    assert "未读" in stage["mother"].get("/family/notices/").content.decode()
    assert "请准时接孩子" in stage["mother"].get(f"/family/notices/{own.pk}/").content.decode()
    with in_school(north):
        assert Delivery.objects.get(pk=own.pk).read_at is not None
    assert "1 / 2" in stage["clerk"].get(first.headers["Location"]).content.decode()


def test_a_letter_home_is_a_pdf(stage, north):
    notice = published(north, stage["alice"])
    answer = stage["clerk"].get(f"/desk/notices/{notice.pk}/letter.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_nobody_reads_what_others_have_received(stage, north):
    published(north, stage["bob"])
    with in_school(north):
        theirs = Delivery.objects.get()
    assert stage["mother"].get(f"/family/notices/{theirs.pk}/").status_code == 404
    assert stage["mother"].get(f"/api/v1/notices/{theirs.pk}/").status_code == 404
    assert stage["mother"].post(f"/api/v1/notices/{theirs.pk}/acknowledge/").status_code == 404
    with in_school(north):
        assert Delivery.objects.get().read_at is None


def test_the_public_reads_open_notices_and_no_others(stage, north):
    closed = published(north, stage["alice"], title="不公开的")
    opened = published(north, title="收费公示", is_open=True)
    listed = stage["nobody"].get("/open/notices/").content.decode()
    assert "收费公示" in listed
    assert "不公开的" not in listed
    assert stage["nobody"].get(f"/open/notices/{opened.pk}/").status_code == 200
    assert stage["nobody"].get(f"/open/notices/{closed.pk}/").status_code == 404
    names = [row["title"] for row in stage["nobody"].get("/api/v1/notices/open/").json()["results"]]
    assert names == ["收费公示"]


def test_an_open_notice_for_one_class_is_refused_at_its_field(stage, north):
    with in_school(north):
        school_class = makers.a_class()
    answer = stage["clerk"].post(
        "/desk/notices/new/", {**LETTER, "is_open": "on", "school_class": str(school_class.pk)}
    )
    assert answer.status_code == 400
    with in_school(north):
        assert Draft.objects.count() == 0


def test_markup_in_a_notice_stays_text(stage, north):
    published(north, stage["alice"], body="<script>alert(1)</script>")
    with in_school(north):
        own = Delivery.objects.get()
    assert "<script>alert" not in stage["mother"].get(f"/family/notices/{own.pk}/").content.decode()


def test_the_api_reads_and_acknowledges_once(stage, north):
    published(north, stage["alice"])
    row = stage["mother"].get("/api/v1/notices/").json()["results"][0]
    assert row["read_at"] is None
    read = stage["mother"].post(f"/api/v1/notices/{row['id']}/acknowledge/").json()["read_at"]
    assert read
    assert stage["mother"].post(f"/api/v1/notices/{row['id']}/acknowledge/").json()["read_at"] == read


@pytest.mark.parametrize("path", ["/desk/notices/", "/desk/notices/new/"])
def test_families_do_not_write_notices(stage, path):
    assert stage["mother"].get(path).status_code == 403
    assert stage["nobody"].get(path).status_code == 302


def test_lists_take_as_many_queries_for_many_as_for_few(stage, north):
    published(north, stage["alice"], is_open=True)
    pages = (("clerk", "/desk/notices/"), ("mother", "/family/notices/"), ("nobody", "/open/notices/"))
    few = [queries_of(stage[who], path) for who, path in pages]
    for number in range(15):
        published(north, stage["alice"], stage["bob"], title=f"第{number}号", is_open=True)
    assert [queries_of(stage[who], path) for who, path in pages] == few
    assert max(few) <= 20


def queries_of(client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_a_name_that_is_met_at_publishing_is_asked_about_under_the_writer(stage, north):
    """A child of that name came after the letter: who publishes may answer, who wrote it may not."""
    draft = (
        stage["clerk"].post("/desk/notices/new/", LETTER | {"title": "小安康的放学安排"}).headers["Location"]
    )
    with in_school(north):
        makers.a_pupil(name="安康")
    assert stage["principal"].post(f"{draft}publish/").headers["Location"] == draft
    with in_school(north):
        question = WordQuestion.objects.get()
        assert question.asked_by.assignments.get().role == "clerk"
    said = {"answer": "fine", "reason": "安康是小区的名字"}
    assert stage["clerk"].post(f"/desk/words/{question.pk}/", said).status_code == 400
    assert stage["principal"].post(f"/desk/words/{question.pk}/", said).status_code == 302
