"""Surveys: who is asked, one answer each, apart from identities; results after the close from five on."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from afterbell.audit import queries as audit
from afterbell.audit.models import Entry, Head, Seal
from afterbell.kernel.states import MoveNotAllowed
from afterbell.outbox.models import Mark
from schools.care.states import RollState
from schools.voice import refusals, survey_actions, survey_queries
from schools.voice.models import Invitation, Rating, Survey
from tenants.context import as_owner, in_school
from tests import makers
from tests.schools.enrolment.stage import browser, text
from tests.schools.voice import stage


@pytest.fixture
def school(north):
    with in_school(north):
        yield north


def test_one_adult_of_every_family_whose_child_had_the_person_is_asked(school):
    """S42: two children of one family are one invitation; who only was expected, or left the service, is not asked."""
    contract, guardians = stage.a_person_with_families(2)
    session = makers.Session.objects.get()
    sibling = makers.a_pupil()
    makers.a_tie(guardians[0], sibling, may_sign=True)
    stage.came(session, makers.an_agreement(sibling, guardian=guardians[0]))
    absent = makers.an_agreement()
    makers.a_roll_entry(session, absent, state=RollState.ABSENT)
    gone = makers.an_agreement(state="ended", ended_at=makers.NOON)
    stage.came(session, gone)
    stage.a_person_with_families(3)
    given = {"term_code": makers.TERM, "closes_at": stage.now() + stage.WEEK, "now": stage.now()}
    survey = survey_actions.open_survey(contract=contract, by=makers.a_user("clerk"), **given)
    asked = set(survey.invitations.values_list("guardian", flat=True))
    assert asked == {guardian.pk for guardian in guardians}
    assert survey.invited == 2


def test_a_survey_is_opened_once_by_whose_office_it_is_and_for_somebody(school):
    asked = stage.a_survey(1)
    given = {"term_code": makers.TERM, "closes_at": stage.now() + stage.WEEK, "now": stage.now()}
    clerk = makers.a_user("clerk")
    with pytest.raises(refusals.SurveyExists):
        survey_actions.open_survey(contract=asked.survey.contract, by=clerk, **given)
    with pytest.raises(refusals.NobodyToAsk):
        survey_actions.open_survey(contract=makers.a_contract(), by=clerk, **given)
    for role in ("care_staff", "guardian", "principal"):
        with pytest.raises(refusals.NotYourRight):
            survey_actions.open_survey(contract=asked.survey.contract, by=makers.a_user(role), **given)
    with pytest.raises(refusals.TooShort):
        survey_actions.open_survey(
            contract=asked.survey.contract,
            by=clerk,
            **{**given, "closes_at": stage.now() + timedelta(hours=2)},
        )


def test_an_invitation_is_used_once_and_by_its_family(school):
    """Bad input: double submit, another family's invitation."""
    asked = stage.a_survey(2)
    stage.rate(asked, 0, 4)
    with pytest.raises(refusals.AlreadyAnswered):
        stage.rate(asked, 0, 1)
    with pytest.raises(refusals.OnlyTheInvited):
        survey_actions.answer_survey(
            invitation=asked.invitation(1), score=1, comment="", by=asked.guardians[0].user, now=stage.now()
        )
    with pytest.raises(refusals.OnlyTheInvited):
        survey_actions.answer_survey(
            invitation=asked.invitation(1),
            score=1,
            comment="",
            by=makers.a_user("principal"),
            now=stage.now(),
        )
    assert [rating.score for rating in Rating.objects.all()] == [4]


def test_an_expired_invitation_is_refused_and_stays_unused(school):
    """Bad input: an expired invitation."""
    asked = stage.a_survey(2)
    with pytest.raises(refusals.SurveyOver):
        stage.rate(asked, 0, at=stage.now() + stage.WEEK)
    assert asked.invitation(0).used_date is None
    survey_actions.close_survey(survey=asked.survey, by=None, now=stage.now() + stage.WEEK)
    with pytest.raises(refusals.SurveyOver):
        stage.rate(asked, 1)
    assert not Rating.objects.exists()


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_that_is_none_leaves_the_invitation_unused(school, score):
    asked = stage.a_survey(1)
    with pytest.raises(refusals.UnknownScore):
        stage.rate(asked, 0, score)
    assert asked.invitation(0).used_date is None


def test_neither_order_nor_time_nor_key_leads_from_an_answer_to_a_family(school):
    """S42: what an honest reader of every table could put together, and can't."""
    asked = stage.a_survey(12)
    before = set(Entry.objects.values_list("pk", flat=True)), set(Mark.objects.values_list("pk", flat=True))
    scores = [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2]
    for number, score in enumerate(scores):
        stage.rate(asked, number, score)
    names = {field.name for field in Rating._meta.get_fields()}
    assert names == {"id", "survey", "score", "comment"}
    assert {rating.pk.version for rating in Rating.objects.all()} == {4}
    assert [rating.score for rating in Rating.objects.order_by("pk")] != scores or len(set(scores)) == 1
    used = Invitation.objects.values_list("used_date", flat=True)
    assert {type(day).__name__ for day in used} == {"date"}
    after = set(Entry.objects.values_list("pk", flat=True)), set(Mark.objects.values_list("pk", flat=True))
    assert after == before  # an entry or a mark an answer would carry its minute and its place in the order


def test_the_key_of_an_answer_is_chance_and_not_its_time(school):
    asked = stage.a_survey(8)
    for number in range(8):
        stage.rate(asked, number)
    keys = list(Rating.objects.values_list("pk", flat=True))
    assert len({key.int >> 80 for key in keys}) == len(
        keys
    )  # a UUIDv7's first 48 bits are the clock: nearly alike


def test_answers_are_written_once(school):
    """The database gives no right to change or delete one."""
    stage.rate(stage.a_survey(1), 0)
    for statement in ("UPDATE voice_rating SET score = 1", "DELETE FROM voice_rating"):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_nobody_sees_results_before_the_close(school):
    asked = stage.a_survey(6)
    for number in range(6):
        stage.rate(asked, number, comment="很好")
    assert survey_queries.results(asked.survey) is None
    assert survey_queries.comments(asked.survey) == []
    page = text(browser(school, makers.a_user("principal")).get(f"/voice/surveys/{asked.survey.pk}/"))
    assert "结果在截止后公布" in page
    assert "很好" not in page


@pytest.mark.parametrize(("count", "is_shown"), [(4, False), (5, True)])
def test_results_are_shown_from_five_answers_on(school, count, is_shown):
    """S42: below five answers only c, and no word that was written."""
    asked = stage.a_survey(8)
    for number in range(count):
        stage.rate(asked, number, 4, comment="有耐心")
    survey_actions.close_survey(survey=asked.survey, by=None, now=stage.now() + stage.WEEK)
    survey = Survey.objects.get()
    found = survey_queries.results(survey)
    assert (found.invited, found.n) == (8, count)
    assert (found.score is not None) is is_shown
    for path in (f"/voice/surveys/{survey.pk}/", "/voice/renewals/"):
        page = text(browser(school, makers.a_user("committee_chair")).get(path))
        assert ("平均 4.0 分" in page) is is_shown
        assert ("不显示分数" in page) is not is_shown
        if path.startswith("/voice/surveys"):
            assert ("有耐心" in page) is is_shown


def test_a_survey_is_not_closed_when_the_answers_please(school):
    asked = stage.a_survey(2)
    stage.rate(asked, 0)
    clerk = makers.a_user("clerk")
    with pytest.raises(refusals.SurveyRuns):
        survey_actions.close_survey(survey=asked.survey, by=clerk, now=stage.now())
    stage.rate(asked, 1)
    survey_actions.close_survey(survey=asked.survey, by=clerk, now=stage.now())
    with pytest.raises(MoveNotAllowed):
        survey_actions.close_survey(survey=asked.survey, by=clerk, now=stage.now())
    assert Entry.objects.get(verb="voice.survey.close").details == {"answers": 2, "invited": 2}


def test_the_timetable_closes_what_is_due(school):
    asked = stage.a_survey(1)
    assert survey_actions.close_due(now=stage.now()) == 0
    assert survey_actions.close_due(now=stage.now() + stage.WEEK) == 1
    assert survey_actions.close_due(now=stage.now() + stage.WEEK) == 0
    assert Survey.objects.get(pk=asked.survey.pk).state == "closed"


def test_the_renewal_page_has_the_numbers_that_a_decision_cites(school):
    """S42: n, response rate, mean, share, interval of every contract that runs."""
    asked = stage.a_survey(10)
    for number, score in enumerate([5, 5, 4, 4, 2]):
        stage.rate(asked, number, score)
    survey_actions.close_survey(survey=asked.survey, by=None, now=stage.now() + stage.WEEK)
    makers.a_contract()
    page = text(browser(school, makers.a_user("committee_chair")).get("/voice/renewals/"))
    for word in ("50.0%", "平均 4.0 分", "80.0%", "37.6%", "96.4%", "还没有评价"):
        assert word in page
    assert survey_queries.latest_results([asked.survey.contract_id])[asked.survey.contract_id].n == 5


def test_a_guardian_answers_on_a_page_and_only_there(school):
    asked = stage.a_survey(2)
    client = browser(school, asked.guardians[0].user)
    path = f"/voice/invitations/{asked.invitation(0).pk}/"
    assert "去评价" in text(client.get("/voice/invitations/"))
    assert client.get(f"/voice/invitations/{asked.invitation(1).pk}/").status_code == 404
    bad = client.post(path, {})
    assert bad.status_code == 400
    client.post(path, {"score": "4", "comment": "谢谢"})
    again = client.post(path, {"score": "1"})
    assert again.status_code == 400
    assert "只能用一次" in text(again)
    assert Rating.objects.get().score == 4
    assert "现在没有要评价的" in text(client.get("/voice/invitations/"))
    for role in ("principal", "clerk", "care_staff", "committee_chair"):
        staff = browser(school, makers.a_user(role))
        assert staff.get("/voice/invitations/").status_code == 403
        assert staff.post(path, {"score": "5"}).status_code == 403


def test_a_clerk_opens_a_survey_on_a_page(school):
    contract, _guardians = stage.a_person_with_families(3)
    client = browser(school, makers.a_user("clerk"))
    page = text(client.get("/voice/surveys/new/"))
    assert contract.candidate.name in page
    day = (stage.now() + stage.WEEK).date().isoformat()
    answer = client.post("/voice/surveys/new/", {"contract": str(contract.pk), "closes_date": day})
    survey = Survey.objects.get()
    assert answer.headers["Location"] == f"/voice/surveys/{survey.pk}/"
    assert "0 / 3" in text(client.get(f"/voice/surveys/{survey.pk}/"))
    assert client.post(f"/voice/surveys/{survey.pk}/close/").status_code == 409
    assert browser(school, makers.a_user("care_staff")).get("/voice/surveys/").status_code == 403


def test_the_api_has_the_same_rights(school):
    asked = stage.a_survey(6)
    clerk, parent = browser(school, makers.a_user("clerk")), browser(school, asked.guardians[0].user)
    path = f"/api/v1/surveys/{asked.survey.pk}/"
    assert clerk.get("/api/v1/surveys/").json()["results"][0]["results"] is None
    assert parent.get(path).status_code == 403
    invitation = parent.get("/api/v1/family/invitations/").json()[0]["id"]
    ratings = f"/api/v1/family/invitations/{invitation}/ratings/"
    assert parent.post(ratings, {"score": 7}, content_type="application/json").status_code == 400
    assert parent.post(ratings, {"score": 5}, content_type="application/json").status_code == 204
    again = parent.post(ratings, {"score": 5}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "voice.already_answered")
    other = f"/api/v1/family/invitations/{asked.invitation(1).pk}/ratings/"
    assert parent.post(other, {"score": 5}, content_type="application/json").status_code == 404
    assert clerk.post(f"{path}closing/").json()["code"] == "voice.survey_runs"
    for number in range(1, 6):
        stage.rate(asked, number, 5)
    closed = clerk.post(f"{path}closing/").json()
    assert closed["results"]["score"]["mean"] == 5.0
    body = {
        "contract": str(asked.survey.contract_id),
        "term_code": makers.TERM,
        "closes_at": "2099-01-01T00:00:00Z",
    }
    assert (
        clerk.post("/api/v1/surveys/", body, content_type="application/json").json()["code"]
        == "voice.survey_exists"
    )


@pytest.mark.parametrize("path", ["/voice/surveys/", "/voice/renewals/", "/api/v1/surveys/"])
def test_lists_take_the_same_few_queries_for_two_and_for_twelve(school, path, django_assert_max_num_queries):
    """At most 20, whatever the size."""
    client = browser(school, makers.a_user("clerk"))
    counts = []
    for size in (2, 10):
        for _number in range(size):
            survey = stage.a_survey(1).survey
            survey_actions.close_survey(survey=survey, by=None, now=stage.now() + stage.WEEK)
        with django_assert_max_num_queries(20) as seen:
            assert client.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_of_four_taps_on_one_invitation_one_counts(committed_school):
    """Bad input: double submit, with real commits."""
    with in_school(committed_school):
        asked = stage.a_survey(1)
    said, start = [], threading.Barrier(4)

    def taps():
        try:
            start.wait(10)
            with in_school(committed_school), transaction.atomic():
                stage.rate(asked, 0)
                said.append("counted")
        except refusals.AlreadyAnswered:
            said.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=taps) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with in_school(committed_school):
        assert Rating.objects.count() == 1
    assert sorted(said) == ["counted", "refused", "refused", "refused"]


# --- seals ----------------------------------------------------------------------------------------------------------


def settled():
    """What was written so far has its seals: here a savepoint stands for the commit."""
    with transaction.atomic():
        pass


def test_an_answer_leaves_no_seal_and_moves_no_hash(school):
    """Neither a number nor a hash from before and after an answer leads to it."""
    asked = stage.a_survey(3)
    settled()
    before = Seal.objects.count(), Head.objects.values_list("position", "sealed", "seals").get()
    for number in range(3):
        stage.rate(asked, number, score=number + 1)
        settled()
        assert (Seal.objects.count(), Head.objects.values_list("position", "sealed", "seals").get()) == before
    assert list(audit.broken_promises()) == []


def test_all_answers_are_sealed_at_the_close_in_the_order_of_their_random_keys(school):
    asked = stage.a_survey(3)
    for number in (2, 0, 1):
        stage.rate(asked, number, score=number + 1)
    survey_actions.close_survey(survey=asked.survey, by=None, now=stage.now() + stage.WEEK)
    settled()
    entry = Entry.objects.get(verb="voice.survey.close")
    for model, count in (("voice.rating", 3), ("voice.invitation", 3)):
        seal = Seal.objects.get(model=model)
        keys = [bytes(seal.rows)[start : start + 16] for start in range(0, len(seal.rows), 32)]
        assert (seal.position, len(keys)) == (entry.position, count)
        assert keys == sorted(keys)
    assert list(audit.broken_promises()) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE voice_rating SET score = 5 WHERE score = 1", "the row was changed"),
        ("DELETE FROM voice_rating WHERE score = 1", "the row is missing"),
        (
            "INSERT INTO voice_rating SELECT gen_random_uuid(), score, comment, survey_id FROM voice_rating"
            " WHERE score = 1",
            "the row has no seal",
        ),
        (
            "UPDATE voice_invitation SET used_date = '2020-01-01' WHERE used_date IS NULL",
            "the row was changed",
        ),
    ],
)
def test_an_answer_of_a_closed_survey_that_is_changed_is_named(school, statement, words):
    asked = stage.a_survey(3)
    for number in range(2):
        stage.rate(asked, number, score=number + 1)
    survey_actions.close_survey(survey=asked.survey, by=None, now=stage.now() + stage.WEEK)
    settled()
    with as_owner(school.schema_name), connection.cursor() as cursor:
        cursor.execute(statement)
    [line] = audit.broken_promises()
    assert words in line
