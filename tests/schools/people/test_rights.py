"""What an adult may do for a child changes with a reason, before everybody's eyes, and never for the own child (S24)."""

import pytest
from django.db import IntegrityError, transaction

from afterbell.audit.models import Entry
from schools.notices.models import Delivery
from schools.people import adult_actions, lifting_actions, queries, refusals, staff_actions
from schools.people.models import AdultQuestion, Change, Relation, Tie
from schools.people.rights import Rights
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.books import book, load
from tests.schools.people.stage import client_of, parent

WHY = "监护人来校书面要求"
STAFF = "+8613700001111"


@pytest.fixture
def stage(north, settings):
    """Alice and Bob sign for Ming."""
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        ming = makers.a_pupil(name="李小明")
        alice, bob = parent(ming, name="李静"), parent(ming, name="李强")
        return {
            "ming": ming,
            "alice": alice,
            "bob": bob,
            "tie": Tie.objects.get(guardian=bob),
            "clerk": makers.a_user("clerk", name="周老师", phone="+8613700002222"),
            "principal": makers.a_user("principal", name="郑校长", phone="+8613700003333"),
        }


def changes(stage, *, by="clerk", tie=None, before=None, action=adult_actions.change_rights, **more):
    tie = tie or stage["tie"]
    given = {"relation": Relation.FATHER, "may_sign": False, "may_collect": True, "reason": WHY, **more}
    return action(tie=tie, before=before or Rights.of(tie), **given, by=stage[by], now=NOON)


def at(stage, tie=None):
    return f"/desk/pupils/{stage['ming'].pk}/adults/{(tie or stage['tie']).pk}/"


def sent(stage, **more):
    return {
        "relation": "father",
        "may_collect": "on",
        "before": Rights.of(stage["tie"]).packed,
        "reason": WHY,
    } | more


def test_a_change_stands_in_the_history_with_what_was_and_why(stage, north):
    with in_school(north):
        was = Rights.of(stage["tie"])
        changes(stage)
        row = queries.history_of(stage["ming"]).get()
        assert (row.kind, row.guardian, row.reason, row.by) == ("rights", stage["bob"], WHY, stage["clerk"])
        assert (row.before, row.after) == (was.packed, Rights(Relation.FATHER, False, True).packed)
        entry = Entry.objects.get(verb="people.tie.change")
        assert entry.details["was"] == {"kin": was.relation, "signs": True, "collects": was.may_collect}
        assert (entry.details["kin"], entry.details["signs"], entry.details["collects"]) == (
            "father",
            False,
            True,
        )


@pytest.mark.parametrize(
    ("given", "to"),
    [
        ({"may_sign": False}, {"alice", "bob"}),
        ({"relation": Relation.OTHER, "may_sign": True}, {"alice", "bob"}),
        ({"may_sign": False, "may_collect": False}, {"alice", "bob"}),
    ],
)
def test_whoever_signs_reads_what_was_and_what_is(stage, north, given, to):
    """The relation too: it is what the gate and the papers call the adult."""
    with in_school(north):
        before = Rights.of(stage["tie"])
        changes(stage, **given)
        rows = Delivery.objects.select_related("notice")
        assert {row.guardian_id for row in rows} == {stage[name].pk for name in to}
        body = rows.last().notice.body
        assert before.said in body
        assert Rights.of(Tie.objects.get(pk=stage["tie"].pk)).said in body
        assert WHY not in body


def test_the_same_again_is_refused_and_an_old_page_gives_nothing_back(stage, north):
    with in_school(north):
        old = Rights.of(stage["tie"])
        with pytest.raises(refusals.NothingToCorrect):
            changes(stage, relation=old.relation, may_sign=old.may_sign, may_collect=old.may_collect)
        changes(stage)
        for given in ({}, {"may_sign": True, "relation": Relation.OTHER}):
            with pytest.raises(refusals.CorrectedMeanwhile):
                changes(stage, before=old, **given)
        assert not Tie.objects.get(pk=stage["tie"].pk).may_sign
        assert Change.objects.count() == 1


def test_staff_change_nothing_about_the_own_child(stage, north):
    """The clerk who is the mother takes the father nothing, and names nobody: a colleague or the head does."""
    with in_school(north):
        makers.a_tie(makers.a_guardian(name="周老师", phone=stage["clerk"].phone), stage["ming"])
        by, tie = stage["clerk"], stage["tie"]
        adult = {"name": "赵奶奶", "phone": "+8613700137000", "relation": Relation.GRANDPARENT}
        more = {"may_sign": True, "may_collect": True}
        for refused in (
            lambda: changes(stage),
            lambda: changes(stage, action=staff_actions.change_or_ask),
            lambda: adult_actions.deny(tie=tie, reason=WHY, by=by, now=NOON),
            lambda: adult_actions.end_tie(tie=tie, reason=WHY, by=by, now=NOON),
            lambda: staff_actions.add_or_ask(pupil=stage["ming"], **adult, **more, by=by, now=NOON),
            lambda: staff_actions.ask_guardians(pupil=stage["ming"], **adult, **more, by=by, now=NOON),
        ):
            with pytest.raises(refusals.OwnChild):
                refused()
        denied = makers.a_tie(
            makers.a_guardian(),
            stage["ming"],
            may_sign=False,
            may_collect=False,
            is_denied=True,
            denied_reason=WHY,
        )
        with pytest.raises(refusals.OwnChild):
            lifting_actions.ask_to_lift(tie=denied, reason=WHY, by=by, now=NOON)
        assert not Change.objects.exists()
    head = client_of(north, stage["principal"])
    page = head.get(f"/desk/pupils/{stage['ming'].pk}/").content.decode()
    assert at(stage) in page
    assert head.post(at(stage), sent(stage)).status_code == 302
    assert "可以签字" in head.get(f"/desk/pupils/{stage['ming'].pk}/").content.decode()


def test_more_for_a_colleague_is_asked_about_with_the_reason_and_stands_in_the_history_after_the_yes(
    stage, north
):
    """S1."""
    with in_school(north):
        teacher = makers.a_user("care_staff", name="韩梅", phone=STAFF)
        tie = makers.a_tie(
            makers.a_guardian(name="韩梅", phone=STAFF, user=teacher), stage["ming"], may_sign=False
        )
        old = Rights.of(tie)
        asked = changes(
            stage, tie=tie, action=staff_actions.change_or_ask, relation=Relation.OTHER, may_sign=True
        )
        assert (asked.why, Change.objects.count()) == (WHY, 0)
    alice = client_of(north, stage["alice"].user)
    address = f"/adults/questions/{asked.pk}/"
    assert WHY in alice.get(address).content.decode()
    assert alice.post(address, {"answer": "yes"}).status_code == 302
    with in_school(north):
        row = Change.objects.get()
        assert (row.kind, row.reason, row.by) == ("rights", WHY, stage["alice"].user)
        assert (row.before, row.after) == (old.packed, Rights.of(Tie.objects.get(pk=tie.pk)).packed)


def test_the_page_asks_why_and_shows_the_history(stage, north):
    client = client_of(north, stage["clerk"])
    for nothing in ({"reason": ""}, {"reason": "  "}):
        assert client.post(at(stage), sent(stage, **nothing)).status_code == 400
    for odd in ("", "mother sign sign", "uncle sign", "x" * 500):
        assert client.post(at(stage), sent(stage, before=odd)).status_code == 400
    assert client.post(at(stage), sent(stage)).status_code == 302
    page = client.get(f"/desk/pupils/{stage['ming'].pk}/").content.decode()
    assert "修改权限" in page
    assert WHY in page
    assert "父亲，可以接孩子" in page
    with in_school(north):
        assert Change.objects.count() == 1
    late = client.post(at(stage), sent(stage, may_sign="on"), follow=True)
    assert late.redirect_chain[-1][0] == at(stage)
    assert "刚才已经有人改过" in late.content.decode()
    assert Rights(Relation.FATHER, False, True).packed in late.content.decode()  # and shows what is true now


def test_it_exists_by_api_with_the_same_rules(stage, north):
    client = client_of(north, stage["clerk"])
    api = f"/api/v1/pupils/{stage['ming'].pk}/adults/{stage['tie'].pk}/rights/"
    was = {"relation": stage["tie"].relation, "may_sign": True, "may_collect": stage["tie"].may_collect}
    given = {"relation": "father", "may_sign": False, "may_collect": True, "reason": WHY, "before": was}

    def post(body, who=client):
        return who.post(api, body, content_type="application/json")

    for less in ("reason", "before", "relation", "may_sign", "may_collect"):
        answer = post({key: value for key, value in given.items() if key != less})
        assert (answer.status_code, less in answer.content.decode()) == (400, True)
    answer = post(given)
    assert (answer.status_code, answer.json()["may_sign"], answer.json()["relation"]) == (
        200,
        False,
        "father",
    )
    assert post(given).json()["code"] == "people.corrected_meanwhile"
    (row,) = client.get(f"/api/v1/pupils/{stage['ming'].pk}/history/").json()
    assert (row["kind"], row["after"], row["reason"]) == ("rights", "father collect", WHY)
    assert post(given, client_of(north, stage["alice"].user)).status_code == 403
    with in_school(north):
        teacher = makers.a_user("care_staff", name="韩梅", phone=STAFF)
        tie = makers.a_tie(
            makers.a_guardian(name="韩梅", phone=STAFF, user=teacher), stage["ming"], may_sign=False
        )
    api = api.replace(str(stage["tie"].pk), str(tie.pk))
    before = {"relation": tie.relation, "may_sign": False, "may_collect": tie.may_collect}
    answer = post({**given, "may_sign": True, "before": before})
    assert (answer.status_code, answer.json()["is_yes"]) == (202, None)
    assert post({**given, "may_sign": True, "before": before}).json()["code"] == "people.asked_already"
    with in_school(north):
        assert AdultQuestion.objects.count() == 1


def test_a_roster_that_names_the_relation_leaves_a_line_too(stage, north):
    with in_school(north):
        ming, bob = stage["ming"], stage["bob"]
        Tie.objects.filter(pk=stage["tie"].pk).update(relation=Relation.OTHER)
        load(
            book(
                (
                    ming.number,
                    ming.name,
                    ming.school_class.name,
                    f"{bob.name}(爸爸)",
                    bob.phone.removeprefix("+86"),
                )
            )
        )
        row = Change.objects.get(kind="rights")
        assert (row.guardian, row.pupil) == (bob, ming)
        assert (row.before.split()[0], row.after.split()[0]) == ("other", "father")
        assert "名册导入" in row.reason


def test_a_neighbour_collects_and_never_signs(stage, north):
    """S13: who is no relative; said at the field on the page, by the API, by every action and by the table."""
    neighbour = {"name": "钱邻居", "phone": "+8613700137009", "relation": Relation.NO_KIN}
    with in_school(north):
        tie = adult_actions.add_adult(
            pupil=stage["ming"], **neighbour, may_sign=False, may_collect=True, by=stage["clerk"], now=NOON
        )
        assert (tie.may_sign, tie.may_collect) == (False, True)
        more = {**neighbour, "phone": "+8613700137010", "may_sign": True, "may_collect": True}
        for action in (adult_actions.add_adult, staff_actions.add_or_ask, staff_actions.ask_guardians):
            with pytest.raises(refusals.NoKinSigns):
                action(pupil=stage["ming"], **more, by=stage["clerk"], now=NOON)
        with pytest.raises(refusals.NoKinSigns):
            changes(stage, relation=Relation.NO_KIN, may_sign=True)
        for row in (tie, Tie.objects.get(pk=stage["tie"].pk)):
            with pytest.raises(IntegrityError), transaction.atomic():
                Tie.objects.filter(pk=row.pk).update(relation=Relation.NO_KIN, may_sign=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            staff_actions.AdultQuestion(
                pupil=stage["ming"], name="钱邻居", phone="+8613700137010", relation=Relation.NO_KIN, may_sign=True,
                by=stage["clerk"], at=NOON,
            ).save()  # fmt: skip
    office = client_of(north, stage["clerk"])
    said = office.post(at(stage), sent(stage, relation="no_kin", may_sign="on"))
    assert said.status_code == 400
    assert "不能签字，只能接孩子" in said.content.decode()
    assert "邻居、朋友、同事等" in office.get(f"/desk/pupils/{stage['ming'].pk}/").content.decode()
