"""Nobody reviews the application of the own child (S14): by page, by API, in bulk; the other officer of the side does."""

import pytest

from schools.enrolment import actions, queries, refusals
from schools.enrolment.models import Review, Side
from schools.enrolment.states import ApplicationState
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage


@pytest.fixture
def term(north, settings):
    """The chair's child and another one have applied."""
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        principal, chair = stage.reviewers()
        activity = makers.an_activity(stage.a_running_plan(), capacity=9)
        family = stage.a_family(name="周小明")
        makers.a_guardian(family.pupil, name="周主任", user=chair)
        own, other = (
            stage.applied(north, each, activity) for each in (family, stage.a_family(name="李小红"))
        )
    return own, other, principal, chair, family


@pytest.mark.parametrize(
    "tie", [{}, {"may_sign": False, "may_collect": False}, {"ended_at": stage.now()}, {"may_sign": False, "is_denied": True}]
)  # fmt: skip
def test_no_tie_of_any_kind_lets_the_own_child_be_reviewed(north, term, tie):
    """S14: signing or not, ended, denied."""
    own, _other, _principal, chair, family = term
    given = {"may_collect": False, "denied_reason": "法院裁定"} if tie.get("is_denied") else {}
    with in_school(north):
        family.pupil.ties.filter(guardian__user=chair).update(**{**tie, **given})
        for is_approval in (True, False):
            with pytest.raises(refusals.OwnChild):
                actions.review(
                    application=own, side=Side.COMMITTEE, is_approval=is_approval, reason="不同意", by=chair,
                    now=stage.now(),
                )  # fmt: skip
        assert not Review.objects.exists()


def test_an_account_whose_number_is_the_childs_adults_reviews_nothing_either(north, term):
    """S14: a principal who is the child's adult by phone, without a tie between the two accounts."""
    own, _other, principal, _chair, family = term
    with in_school(north):
        principal.phone = family.guardian.phone
        principal.save(update_fields=["phone"])
        with pytest.raises(refusals.OwnChild):
            actions.review(application=own, side=Side.SCHOOL, is_approval=True, by=principal, now=stage.now())


def test_in_bulk_the_own_childs_stops_all_or_is_not_among_them(north, term):
    """S14: the action refuses the lot; the page does not offer it."""
    own, other, _principal, chair, _family = term
    with in_school(north):
        with pytest.raises(refusals.OwnChild):
            actions.approve_many(applications=[other, own], side=Side.COMMITTEE, by=chair, now=stage.now())
        assert not Review.objects.exists()
        assert queries.chosen_for_review(chair, [own.pk, other.pk], Side.COMMITTEE) == [other]
    client = stage.browser(north, chair)
    listed = stage.text(client.get("/committee/applications/"))
    assert "自己的孩子" in listed
    assert f'value="{own.pk}"' not in listed
    assert f'value="{other.pk}"' in listed
    client.post("/committee/applications/bulk/", {"ticked": [str(own.pk), str(other.pk)], "confirmed": "yes"})
    with in_school(north):
        assert list(Review.objects.values_list("application", flat=True)) == [other.pk]


def test_page_and_api_say_so_and_what_waits_counts_it_not(north, term):
    """S14."""
    own, _other, _principal, chair, _family = term
    client = stage.browser(north, chair)
    page = stage.text(client.get(f"/committee/applications/{own.pk}/"))
    assert "这是您自己孩子的申请" in page
    assert "提交审核意见" not in page
    said = {"decision": "yes", "reason": ""}
    assert client.post(f"/committee/applications/{own.pk}/", said).status_code == 400
    answer = client.post(f"/api/v1/applications/{own.pk}/reviews/committee/", {"is_approval": True})
    assert (answer.status_code, "own_child" in answer.content.decode()) == (409, True)
    with in_school(north):
        assert not Review.objects.exists()
        assert [str(each.title) for each in queries.waiting_for(chair, stage.now())] == ["1 份申请待审核"]


def test_the_treasurer_reviews_for_the_chairs_child(north, term):
    """S14: no dead end."""
    own, _other, principal, _chair, _family = term
    with in_school(north):
        treasurer = makers.a_user("treasurer")
        row = stage.approved(own, (principal, treasurer))
        assert row.state == ApplicationState.APPROVED


def test_the_page_names_who_may_review_instead_and_what_that_person_lacks(north, term):
    """S14: no dead end, also where the other officer has no password yet or there is none."""
    own, _other, _principal, chair, family = term
    client, address = stage.browser(north, chair), f"/committee/applications/{own.pk}/"
    page = stage.text(client.get(address))
    assert "本方现在没有另一位有权的人，请学校办公室登记" in page
    with in_school(north):
        treasurer = makers.a_user("treasurer", name="吴国强")
        treasurer.set_unusable_password()
        treasurer.save()
    assert "吴国强（家委会财务，还没有登录密码，请校长在“账号和角色”中重设）" in stage.text(
        client.get(address)
    )
    with in_school(north):
        treasurer.set_password("tian-qing-1962")
        treasurer.save()
    assert "有权的人审核：吴国强（家委会财务）。" in stage.text(client.get(address))
    with in_school(north):
        makers.a_guardian(family.pupil, name="吴国强", user=treasurer)
    assert (
        "吴国强"
        not in stage.text(client.get(address)).partition("这是您自己孩子的申请")[2].partition("</p>")[0]
    )
