"""Consultations: everybody who may sign is asked, "no" is as easy as "yes", the count is frozen at the close."""

from datetime import timedelta

import pytest
from django.utils import timezone

from schools.planning import consultation_actions as actions
from schools.planning import consultation_queries as queries
from schools.planning.models import Answer, Channel, Consultation, Wish
from schools.planning.states import ConsultationState
from tenants.context import in_school
from tests import makers
from tests.schools.planning.stage import AFTER, CLOSES, NOW, a_city, a_parent, browser


def drafted(clerk, **more):
    given = {"term_code": makers.TERM, "title": "意愿征询", "text": "请您选择。", "closes_at": CLOSES, **more}
    return actions.draft_consultation(**given, by=clerk, now=NOW)


def opened(clerk, **more):
    asked = drafted(clerk, **more)
    actions.open_consultation(consultation=asked, by=clerk, now=NOW)
    return asked


def answered(asked, pupil, parent, wish=Wish.YES, now=NOW):
    return actions.answer(consultation=asked, pupil=pupil, wish=wish, by=parent.user, now=now)


@pytest.fixture
def stage(north):
    """An open consultation; two children of one parent, one of another; a child without anybody who may sign."""
    a_city()
    with in_school(north):
        clerk, classes = makers.a_user("clerk"), [makers.a_class(), makers.a_class()]
        older, younger = makers.a_pupil(school_class=classes[0]), makers.a_pupil(school_class=classes[1])
        other = makers.a_pupil(school_class=classes[0], name="王一")
        silent = makers.a_pupil(school_class=classes[0])
        makers.a_guardian(silent, may_sign=False)
        parent, stranger = a_parent(older, younger), a_parent(other)
        asked = opened(clerk)
    return {
        "asked": asked, "clerk": clerk, "older": older, "younger": younger, "other": other, "silent": silent,
        "parent": parent, "stranger": stranger, "classes": classes,
    }  # fmt: skip


def test_every_child_whose_adult_may_sign_is_asked(north, stage):
    """S11."""
    with in_school(north):
        assert queries.counts(stage["asked"]).asked == 3
        assert [line.counts.asked for line in queries.by_class(stage["asked"], None)] == [2, 1]


def test_no_counts_as_much_as_yes_and_may_be_changed_until_the_close(north, stage):
    """S11: "no" is as easy as "yes"."""
    with in_school(north):
        answered(stage["asked"], stage["older"], stage["parent"], Wish.YES)
        answered(stage["asked"], stage["older"], stage["parent"], Wish.NO)
        answered(stage["asked"], stage["other"], stage["stranger"], Wish.UNDECIDED)
        counts = queries.counts(stage["asked"])
        assert (counts.yes, counts.no, counts.undecided, counts.silent) == (0, 1, 1, 1)
        assert Answer.objects.count() == 2


def test_nobody_answers_for_another_familys_child(north, stage):
    """Bad input: another school's or family's child id."""
    with in_school(north):
        with pytest.raises(actions.NotYourChild):
            answered(stage["asked"], stage["other"], stage["parent"])
        with pytest.raises(actions.NotYourChild):
            actions.answer(
                consultation=stage["asked"], pupil=stage["other"], wish=Wish.YES, by=stage["clerk"], now=NOW
            )


def test_after_the_deadline_nobody_answers(north, stage):
    """Bad input: expired."""
    with in_school(north):
        with pytest.raises(actions.NotOpen):
            answered(stage["asked"], stage["older"], stage["parent"], now=CLOSES)
        with pytest.raises(actions.NotOpen):
            actions.key_paper_answers(
                consultation=stage["asked"],
                wishes={stage["older"].pk: Wish.YES},
                by=stage["clerk"],
                now=AFTER,
            )


def test_after_the_close_the_counts_stand(north, stage):
    """S11: closed with a count. Bad input: closed consultation."""
    with in_school(north):
        asked = stage["asked"]
        answered(asked, stage["older"], stage["parent"])
        actions.close_consultation(consultation=asked, by=stage["clerk"], now=AFTER)
        with pytest.raises(actions.NotOpen):
            answered(asked, stage["older"], stage["parent"], Wish.NO, now=AFTER)
        asked.refresh_from_db()
        makers.a_guardian(makers.a_pupil())
        Answer.objects.update(wish=Wish.NO)
        counts = queries.counts(asked)
        assert (counts.asked, counts.yes, counts.no) == (3, 1, 0)


def test_a_deadline_told_to_families_is_kept_unless_all_have_answered(north, stage):
    with in_school(north):
        asked = stage["asked"]
        answered(asked, stage["older"], stage["parent"])
        answered(asked, stage["younger"], stage["parent"])
        with pytest.raises(actions.StillRunning):
            actions.close_consultation(consultation=asked, by=stage["clerk"], now=NOW)
        answered(asked, stage["other"], stage["stranger"], Wish.NO)
        with pytest.raises(actions.EndsTooSoon):
            actions.close_consultation(consultation=asked, by=stage["clerk"], now=NOW)
        actions.close_consultation(consultation=asked, by=stage["clerk"], now=NOW + timedelta(days=1))


def test_paper_slips_count_and_never_overwrite_what_a_parent_said(north, stage):
    """S11: paper answers keyed at the desk. S1: the school changes no parent's word."""
    with in_school(north):
        asked = stage["asked"]
        answered(asked, stage["older"], stage["parent"], Wish.NO)
        both = {stage["older"].pk: Wish.YES, stage["other"].pk: Wish.YES}
        with pytest.raises(actions.AnsweredByPhone):
            actions.key_paper_answers(consultation=asked, wishes=both, by=stage["clerk"], now=NOW)
        assert queries.counts(asked).yes == 0
        slip = {stage["other"].pk: Wish.YES}
        actions.key_paper_answers(consultation=asked, wishes=slip, by=stage["clerk"], now=NOW)
        answered(asked, stage["other"], stage["stranger"], Wish.NO)
        kept = Answer.objects.get(pupil=stage["other"])
        assert (kept.wish, kept.channel, kept.keyed_by) == (Wish.NO, Channel.PHONE, None)


def test_paper_slips_for_children_who_are_not_here_are_refused_whole(north, south, stage):
    """Bad input: another school's child id; nothing half done."""
    with in_school(south):
        foreign = makers.a_pupil()
    with in_school(north):
        wishes = {stage["older"].pk: Wish.YES, foreign.pk: Wish.YES}
        with pytest.raises(actions.NotOnTheRoll):
            actions.key_paper_answers(consultation=stage["asked"], wishes=wishes, by=stage["clerk"], now=NOW)
        assert not Answer.objects.exists()


def test_one_consultation_a_term_and_none_in_a_term_that_is_over(north, stage):
    """Bad input: closed term."""
    makers.a_term(
        code="2025-2026-2",
        name="上学期",
        first_date=NOW.date() - timedelta(200),
        last_date=NOW.date() - timedelta(60),
    )
    with in_school(north):
        with pytest.raises(actions.AlreadyAsked):
            drafted(stage["clerk"])
        with pytest.raises(actions.TermIsOver):
            drafted(stage["clerk"], term_code="2025-2026-2")
        with pytest.raises(actions.NoSuchTerm):
            drafted(stage["clerk"], term_code="2030-2031-1")
        with pytest.raises(actions.DeadlinePassed):
            actions.change_consultation(
                consultation=stage["asked"], title="x", text="x", closes_at=NOW, by=stage["clerk"], now=NOW
            )


def test_without_anybody_to_ask_it_does_not_open(island):
    a_city()
    with in_school(island):
        clerk = makers.a_user("clerk")
        makers.a_pupil()
        with pytest.raises(actions.NobodyToAsk):
            opened(clerk)
        assert Consultation.objects.get().state == ConsultationState.DRAFT


# --- pages ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def soon(north, stage):
    """The pages' clock is the real one: the deadline lies ahead of it."""
    with in_school(north):
        Consultation.objects.update(closes_at=timezone.now() + timedelta(days=1))
    return f"/family/consultation/{stage['asked'].pk}/"


def test_a_parent_answers_one_child_after_the_other(north, stage, soon):
    """S11: on a phone, three buttons of one size; the back button changes the answer, it does not double it."""
    phone = browser(north, stage["parent"].user)
    first = phone.get(soon)
    assert first.status_code == 302
    page = phone.get(first.url).content.decode()
    assert page.count('class="btn ab-btn secondary" type="submit" name="wish"') == 3
    assert phone.post(first.url, {"wish": "no"}).url == soon
    second = phone.get(soon).url
    assert second != first.url
    phone.post(second, {"wish": "yes"})
    phone.post(first.url, {"wish": "yes"})
    phone.post(first.url, {"wish": "yes"})
    done = phone.get(soon)
    assert done.status_code == 200
    assert "已收到您的答复" in done.content.decode()
    with in_school(north):
        assert sorted(Answer.objects.values_list("wish", flat=True)) == ["yes", "yes"]


def test_another_familys_child_is_not_there(north, south, stage, soon):
    """Bad input: another family's, another school's child id."""
    with in_school(south):
        foreign = makers.a_pupil()
    phone = browser(north, stage["parent"].user)
    for child in (stage["other"], stage["silent"], foreign):
        assert phone.get(f"{soon}{child.pk}/").status_code == 404
        assert phone.post(f"{soon}{child.pk}/", {"wish": "yes"}).status_code == 404
    assert browser(north, stage["clerk"]).get(soon).status_code == 403
    with in_school(north):
        assert not Answer.objects.exists()


def test_a_closed_consultation_is_refused_with_a_sentence(north, stage):
    """Bad input: expired; the stage's deadline is long past for the real clock."""
    phone = browser(north, stage["parent"].user)
    with in_school(north):
        Consultation.objects.update(closes_at=NOW)
    page = f"/family/consultation/{stage['asked'].pk}/{stage['older'].pk}/"
    assert "不能再答复" in phone.get(page).content.decode()
    refused = phone.post(page, {"wish": "yes"})
    assert refused.status_code == 409
    assert "现在不接受答复" in refused.content.decode()


def test_the_office_drafts_opens_keys_paper_and_closes(north, stage, soon):
    desk = browser(north, stage["clerk"])
    page = f"/desk/consultations/{stage['asked'].pk}/"
    shown = desk.get(page).content.decode()
    assert "各班答复" in shown
    assert stage["older"].name not in shown
    paper = f"{page}paper/{stage['classes'][0].pk}/"
    assert stage["older"].name in desk.get(paper).content.decode()
    assert (
        desk.post(paper, {f"wish-{stage['older'].pk}": "yes", f"wish-{stage['other'].pk}": ""}).status_code
        == 302
    )
    assert desk.post(paper, {f"wish-{stage['older'].pk}": "perhaps"}).status_code == 404
    assert desk.post(f"{page}close/").status_code == 409
    with in_school(north):
        Consultation.objects.update(closes_at=NOW)
    assert desk.post(f"{page}close/").status_code == 302
    assert desk.post(f"{page}close/").status_code == 409
    assert browser(north, stage["parent"].user).get(page).status_code == 403


def test_a_class_teacher_sees_the_counts_of_the_own_class_alone(north, stage):
    with in_school(north):
        teacher = makers.a_user("class_teacher", scope=str(stage["classes"][1].pk))
        assert [line.id for line in queries.by_class(stage["asked"], queries.classes_of(teacher))] == [
            stage["classes"][1].pk
        ]
        assert queries.classes_of(stage["clerk"]) is None
    page = browser(north, teacher).get(f"/desk/consultations/{stage['asked'].pk}/").content.decode()
    assert "征询人数" not in page


def test_the_api_answers_for_the_own_child_alone(north, stage, soon):
    phone = browser(north, stage["parent"].user)
    answers = f"/api/v1/consultations/{stage['asked'].pk}/answers/"

    def said(pupil, wish="yes"):
        return phone.post(answers, {"pupil": str(pupil.pk), "wish": wish}, content_type="application/json")

    assert said(stage["older"]).status_code == 200
    assert said(stage["other"]).status_code == 404
    assert said(stage["older"], "perhaps").status_code == 400
    assert [(row["pupil"], row["wish"]) for row in phone.get(answers).json()] == [
        (str(stage["older"].pk), "yes")
    ]
    assert phone.get("/api/v1/consultations/").json()["results"][0]["state"] == "open"
    assert browser(north, stage["clerk"]).get(answers).status_code == 403
