"""Complaints: number, deadline of the policy in force, answer, and the way to the bureau without a child's name."""

from datetime import timedelta

import pytest

from afterbell.audit.models import Entry
from afterbell.kernel.dates import local_date
from afterbell.kernel.ids import uuid7
from afterbell.outbox.models import Mark
from schools.voice import complaint_actions, complaint_queries, refusals
from schools.voice.models import Complaint
from tenants.context import in_school
from tenants.exchange.models import Envelope
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import Accused, ComplaintKind
from tenants.letterbox.refusals import KeyIsTaken
from tests import makers
from tests.schools.enrolment.stage import browser, text
from tests.schools.voice import stage

NEW = "/family/complaints/new/"
LATE = timedelta(days=16)


@pytest.fixture
def school(north):
    with in_school(north):
        yield north


@pytest.fixture
def parent(school):
    user = makers.a_user("guardian", name="李强")
    makers.a_guardian(makers.a_pupil(name="李小明"), user=user)
    return user


def said(
    school,
    by,
    *,
    kind=ComplaintKind.FEE,
    key=None,
    words="李小明的班上被要求都参加",
    at=None,
    **more,
):
    return complaint_actions.complain(
        school=school, key=key or uuid7(), wanted=Wanted(kind, words, **more), by=by, now=at or stage.now()
    )


def test_a_complaint_has_a_number_and_the_deadline_of_the_policy_in_force(school, parent):
    """The seed's profile gives 15 days."""
    made = said(school, parent)
    assert made.number.startswith("T")
    assert made.due_at - made.submitted_at == timedelta(days=15)
    assert made.state == "open"
    assert not Envelope.objects.exists()
    entry = Entry.objects.get(verb="voice.complaint.submit")
    assert "李小明" not in str(entry.details)
    assert {mark.bucket for mark in Mark.objects.all()} >= {makers.TERM, f"{local_date(stage.now()):%Y-%m}"}


@pytest.mark.parametrize("role", ["principal", "clerk", "class_teacher", "care_staff", "committee_chair"])
def test_only_guardians_complain(school, role):
    with pytest.raises(refusals.OnlyTheComplainant):
        said(school, makers.a_user(role))


def test_what_goes_up_has_no_words_and_names(school, parent):
    """S46: kind, number and deadline; what was written to the school stays in the school."""
    made = said(school, parent, kind=ComplaintKind.FORCED)
    complaint_actions.answer(complaint=made, text="没有", by=makers.a_user("principal"), now=stage.now())
    complaint_actions.escalate(complaint=made, school=school, by=parent, now=stage.now())
    envelope = Envelope.objects.get()
    made.refresh_from_db()
    assert (made.state, made.envelope_id) == ("escalated", envelope.pk)
    assert set(envelope.payload) == {
        "number", "term_code", "kind", "addressee", "submitted_date", "due_date", "is_overdue",
    }  # fmt: skip
    assert (envelope.payload["kind"], envelope.payload["addressee"]) == ("forced", "school")
    assert "李小明" not in str(envelope.payload) + envelope.subject
    assert envelope.due_at is not None


WHOM = [
    (Accused.PRINCIPAL, "", "principal", "deputy"),
    (Accused.PRINCIPAL, "别人", "principal", "deputy"),
    (Accused.DEPUTY, "", "deputy", "principal"),
    (Accused.NOBODY, "赵校长", "principal", "deputy"),
]


@pytest.mark.parametrize(("whom", "name", "accused", "other"), WHOM)
def test_the_accused_neither_sees_nor_answers_it(school, parent, whom, name, accused, other):
    """Lists, pages, API, tasks and the action: by the post, or by the name."""
    people = {
        "principal": makers.a_user("principal", name="赵校长"),
        "deputy": makers.a_user("deputy", name="钱副校长"),
    }
    made = said(school, parent, accused=whom, accused_name=name)
    client = browser(school, people[accused])
    assert made.number not in text(client.get("/desk/complaints/"))
    assert client.get(f"/desk/complaints/{made.pk}/").status_code == 404
    assert client.get("/api/v1/complaints/").json()["count"] == 0
    for path in (f"/api/v1/complaints/{made.pk}/", f"/api/v1/complaints/{made.pk}/answers/"):
        assert client.get(path).status_code in (404, 405)
    posted = client.post(
        f"/api/v1/complaints/{made.pk}/answers/", {"text": "好"}, content_type="application/json"
    )
    assert posted.status_code == 404
    assert complaint_queries.waiting_for(people[accused], stage.now()) == []
    with pytest.raises(refusals.NotYourRight):
        complaint_actions.answer(complaint=made, text="没有", by=people[accused], now=stage.now())
    assert made.number in text(browser(school, people[other]).get("/desk/complaints/"))
    complaint_actions.answer(complaint=made, text="已核实", by=people[other], now=stage.now())


@pytest.mark.parametrize("whom", [Accused.LEADERS, Accused.BUREAU, Accused.PRINCIPAL])
def test_where_only_the_accused_could_answer_the_form_says_where_to_go(school, parent, whom):
    """The school has a principal and no deputy; what was typed is kept."""
    makers.a_user("principal")
    body = {"kind": "staff", "addressee": "school", "accused": whom.value, "text": "收了我的钱"}
    answer = browser(school, parent).post(NEW, body)
    assert answer.status_code == 400
    assert "请改为提交给教育局" in text(answer)
    assert "收了我的钱" in text(answer)
    assert not Complaint.objects.exists()


def test_a_teacher_of_another_name_is_not_kept_from_it(school, parent):
    clerk = makers.a_user("clerk", name="孙文员")
    makers.a_user("principal")
    about = said(school, parent, accused=Accused.OFFICE, accused_name="李文员")
    all_of_them = said(school, parent, accused=Accused.OFFICE)
    seen = set(complaint_queries.complaints(clerk).values_list("pk", flat=True))
    assert (about.pk in seen, all_of_them.pk in seen) == (True, False)


def test_the_same_key_is_the_same_complaint(school, parent):
    """Bad input: double submit; another guardian's key gives nothing away."""
    key = uuid7()
    first = said(school, parent, key=key)
    assert said(school, parent, key=key).number == first.number
    assert Complaint.objects.count() == 1
    other = makers.a_user("guardian")
    makers.a_guardian(makers.a_pupil(), user=other)
    with pytest.raises(KeyIsTaken):
        said(school, other, key=key)


def test_the_school_answers_in_time_and_the_guardian_closes(school, parent):
    made = said(school, parent)
    principal = makers.a_user("principal")
    with pytest.raises(refusals.NoText):
        complaint_actions.answer(complaint=made, text="  ", by=principal, now=stage.now())
    complaint_actions.answer(complaint=made, text="已更正，不会再要求。", by=principal, now=stage.now())
    assert Entry.objects.get(verb="voice.complaint.answer").details == {"in_time": True}
    with pytest.raises(refusals.NotOpen):
        complaint_actions.answer(complaint=made, text="再答一次", by=principal, now=stage.now())
    complaint_actions.close(complaint=made, by=parent, now=stage.now())
    assert Complaint.objects.get().state == "closed"
    with pytest.raises(refusals.NotOpen):
        complaint_actions.escalate(complaint=made, school=school, by=parent, now=stage.now())


@pytest.mark.parametrize("role", ["clerk", "class_teacher", "care_staff", "committee_chair", "guardian"])
def test_only_the_leaders_answer(school, parent, role):
    with pytest.raises(refusals.NotYourRight):
        complaint_actions.answer(
            complaint=said(school, parent), text="好", by=makers.a_user(role), now=stage.now()
        )


def test_nobody_answers_the_own_complaint(school, parent):
    parent.assignments.create(role="principal", scope="")
    parent.forget_rights()
    with pytest.raises(refusals.OwnComplaint):
        complaint_actions.answer(complaint=said(school, parent), text="好", by=parent, now=stage.now())


def test_an_unsatisfying_answer_goes_to_the_bureau_and_the_school_may_answer_again(school, parent):
    made, principal = said(school, parent), makers.a_user("principal")
    complaint_actions.answer(complaint=made, text="没有这回事", by=principal, now=stage.now())
    complaint_actions.escalate(complaint=made, school=school, by=parent, now=stage.now())
    assert Complaint.objects.get().state == "escalated"
    assert Envelope.objects.get().payload["number"] == made.number
    complaint_actions.answer(complaint=made, text="已查实并改正", by=principal, now=stage.now())
    assert Complaint.objects.get().answer == "已查实并改正"


def test_until_the_deadline_the_school_has_time(school, parent):
    made = said(school, parent)
    with pytest.raises(refusals.SchoolHasTime):
        complaint_actions.escalate(complaint=made, school=school, by=parent, now=stage.now())
    complaint_actions.escalate(complaint=made, school=school, by=parent, now=stage.now() + LATE)
    assert Complaint.objects.get().escalated_at is not None


def test_nobody_else_escalates_or_closes(school, parent):
    made, principal = said(school, parent), makers.a_user("principal")
    complaint_actions.answer(complaint=made, text="好的", by=principal, now=stage.now())
    for other in (principal, makers.a_user("guardian")):
        with pytest.raises(refusals.OnlyTheComplainant):
            complaint_actions.close(complaint=made, by=other, now=stage.now())
        with pytest.raises(refusals.OnlyTheComplainant):
            complaint_actions.escalate(complaint=made, school=school, by=other, now=stage.now())


def test_what_is_overdue_goes_to_the_bureau_by_itself_and_once(school, parent):
    late, answered, fresh = (said(school, parent, at=stage.now() - LATE) for _number in range(3))
    Complaint.objects.filter(pk=fresh.pk).update(due_at=stage.now() + timedelta(days=1))
    complaint_actions.answer(complaint=answered, text="好的", by=makers.a_user("principal"), now=stage.now())
    assert complaint_actions.escalate_overdue(school=school, now=stage.now()) == 1
    assert complaint_actions.escalate_overdue(school=school, now=stage.now()) == 0
    states = {row.pk: row.state for row in Complaint.objects.all()}
    assert states == {late.pk: "escalated", answered.pk: "answered", fresh.pk: "open"}
    assert Envelope.objects.get().payload["number"] == late.number
    entry = Entry.objects.get(verb="voice.complaint.escalate")
    assert (entry.by_id, entry.details["overdue"]) == (None, True)


def test_forced_complaints_are_counted_as_such(school, parent):
    for kind in (ComplaintKind.FORCED, ComplaintKind.FORCED, ComplaintKind.FEE):
        said(school, parent, kind=kind)
    today = local_date(stage.now())
    found = complaint_queries.counts(today, today)
    assert (found.all, found.forced) == (3, 2)
    assert complaint_queries.counts(today - LATE, today - timedelta(days=1)).all == 0


def test_a_parent_complains_on_a_page_and_follows_it(school, parent):
    client, desk = browser(school, parent), browser(school, makers.a_user("principal"))
    key = text(client.get(NEW)).split('name="key" value="')[1].split('"')[0]
    body = {"kind": "forced", "addressee": "school", "text": "老师说都要参加", "key": key}
    first, again = client.post(NEW, body), client.post(NEW, body)
    made = Complaint.objects.get()  # bad input: double submit
    assert first.headers["Location"] == again.headers["Location"] == f"/family/complaints/{made.pk}/"
    page = text(client.get(f"/family/complaints/{made.pk}/"))
    assert made.number in page
    assert "上报教育局。" in page
    assert made.number in text(desk.get("/desk/complaints/"))
    assert desk.post(f"/desk/complaints/{made.pk}/", {"text": ""}).status_code == 400
    desk.post(f"/desk/complaints/{made.pk}/", {"text": "已提醒该老师"})
    assert "已提醒该老师" in text(client.get(f"/family/complaints/{made.pk}/"))
    client.post(f"/family/complaints/{made.pk}/escalate/")
    assert Complaint.objects.get().state == "escalated"
    assert client.post(f"/family/complaints/{made.pk}/close/").status_code == 409


@pytest.mark.parametrize("key", ["", "nonsense", "eyJ4Ijoi.changed"])
def test_a_changed_key_is_a_new_complaint_and_no_error(school, parent, key):
    answer = browser(school, parent).post(
        NEW, {"kind": "fee", "addressee": "school", "text": "多收了", "key": key}
    )
    assert answer.status_code == 302


def test_another_familys_complaint_is_not_there(school, parent):
    made = said(school, parent)
    other = makers.a_user("guardian")
    makers.a_guardian(makers.a_pupil(), user=other)
    client = browser(school, other)
    for path in ("", "close/", "escalate/"):
        assert client.get(f"/family/complaints/{made.pk}/{path}").status_code == 404
    assert client.get(f"/desk/complaints/{made.pk}/").status_code == 403
    assert browser(school, makers.a_user("class_teacher")).get("/desk/complaints/").status_code == 403


def test_the_api_has_the_same_rights(school, parent):
    client, desk = browser(school, parent), browser(school, makers.a_user("principal"))
    body = {"id": str(uuid7()), "kind": "fee", "addressee": "school", "text": "多收了"}
    first = client.post("/api/v1/family/complaints/", body, content_type="application/json")
    again = client.post("/api/v1/family/complaints/", body, content_type="application/json")
    assert first.status_code == 201
    assert first.json()["number"] == again.json()["number"]
    made = Complaint.objects.get()
    bad = client.post("/api/v1/family/complaints/", {**body, "kind": "x"}, content_type="application/json")
    assert bad.status_code == 400
    own = f"/api/v1/family/complaints/{made.pk}/"
    assert client.post(f"{own}escalation/").json()["code"] == "voice.school_has_time"
    assert desk.get(own).status_code == 403
    assert client.get("/api/v1/complaints/").status_code == 403
    answers = f"/api/v1/complaints/{made.pk}/answers/"
    assert desk.get("/api/v1/complaints/?state=open").json()["count"] == 1
    clerk = browser(school, makers.a_user("clerk"))
    assert clerk.post(answers, {"text": "好"}, content_type="application/json").status_code == 403
    assert (
        desk.post(answers, {"text": "已退还"}, content_type="application/json").json()["state"] == "answered"
    )
    assert client.post(f"{own}closing/").json()["state"] == "closed"


def test_what_waits_is_told_to_whom(school, parent):
    made = said(school, parent)
    principal = makers.a_user("principal")
    waiting = complaint_queries.waiting_for(principal, stage.now())
    assert [item.due for item in waiting] == [made.due_at]
    complaint_actions.answer(complaint=made, text="好的", by=principal, now=stage.now())
    assert made.number in str(complaint_queries.waiting_for(parent, stage.now())[0].title)
    assert complaint_queries.waiting_for(principal, stage.now()) == []


@pytest.mark.parametrize("query", ["?state=x", "?kind=zz", "?page=-5", "?sort=text", "?search=%01"])
def test_an_absurd_address_still_shows_a_list(school, query):
    assert browser(school, makers.a_user("principal")).get(f"/desk/complaints/{query}").status_code == 200


def test_pages_take_the_same_few_queries_for_two_and_for_thirty(
    school, parent, django_assert_max_num_queries
):
    """At most 20, whatever the size."""
    clients = {
        "/desk/complaints/": browser(school, makers.a_user("principal")),
        "/family/complaints/": browser(school, parent),
        "/api/v1/complaints/": browser(school, makers.a_user("principal")),
    }
    counts = {path: [] for path in clients}
    for size in (2, 28):
        for _number in range(size):
            said(school, parent)
        for path, client in clients.items():
            with django_assert_max_num_queries(20) as seen:
                assert client.get(path).status_code == 200
            counts[path].append(len(seen))
    assert all(few == many for few, many in counts.values())
    made = Complaint.objects.first()
    with django_assert_max_num_queries(20):
        clients["/desk/complaints/"].get(f"/desk/complaints/{made.pk}/")
    with django_assert_max_num_queries(20):
        clients["/family/complaints/"].get(f"/family/complaints/{made.pk}/")
