"""The API of supplements: each address for who may use it, for who may not, twice, late, and with nonsense."""

import pytest

from schools.enrolment.models import Review, Supplement
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage
from tests.schools.enrolment.test_supplements import Room

NOBODY = "00000000-0000-0000-0000-000000000000"
NONSENSE = (None, [], {}, 7, "", "\x00", "\ud800", "x" * 70_000)


@pytest.fixture
def room(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        yield Room(north)


def sends(client, path, body=None):
    return client.post(path, body or {}, content_type="application/json")


def test_the_api_asks_reviews_and_withdraws_the_same(north, room):
    agreement, client = room.agreement(), stage.browser(north, room.family.user)
    own = f"/api/v1/family/agreements/{agreement.pk}/"
    (offer,) = client.get(f"{own}further/").json()
    assert (offer["title"], offer["free"]) == ("机器人", 1)
    wanted = {"activity": offer["id"]}
    read = sends(client, f"{own}supplements/texts/", wanted).json()
    given = {**wanted, "read_sha256": read["sha256"], "signature_mode": "drawn", "signature": stage.DRAWN}
    for change, status, code in (
        ({"signature": "M 1 1"}, 400, "enrolment.unfit_signature"),
        ({"read_sha256": "0" * 64}, 409, "enrolment.text_changed"),
        ({"activity": "00000000-0000-0000-0000-000000000000"}, 400, "enrolment.unknown_activity"),
        ({"signature_mode": "typed", "signature": "王强"}, 400, "enrolment.other_name"),
        ({"signature_mode": "stamp"}, 400, None),
    ):
        answer = sends(client, f"{own}supplements/", {**given, **change})
        assert (answer.status_code, answer.json().get("code")) == (status, code)
    answer = sends(client, f"{own}supplements/", given)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["state"], body["agreement"], body["place"]["waits"]) == (
        "submitted",
        str(agreement.pk),
        True,
    )
    assert "signature" not in body
    again = sends(client, f"{own}supplements/", given)
    assert (again.status_code, again.json()["code"]) == (409, "enrolment.already_chosen")
    assert client.get(f"{own}supplements/").json()["count"] == 1
    assert client.get(f"{own}further/").json() == []
    found = client.get(f"/api/v1/family/applications/{agreement.application_id}/").json()
    assert len(found["activities"]) == len(found["places"]) == 1  # what was signed with it

    principal, chair = (stage.browser(north, each) for each in room.sides)
    assert principal.get("/api/v1/supplements/", {"todo": "school"}).json()["count"] == 1
    assert principal.get("/api/v1/supplements/", {"state": "moon"}).status_code == 400
    address = f"/api/v1/supplements/{body['id']}/"
    assert principal.get(address).json()["number"] == body["number"]
    refused = sends(principal, f"{address}reviews/school/", {"is_approval": False})
    assert (refused.status_code, refused.json()["code"]) == (400, "enrolment.no_reason")
    assert sends(chair, f"{address}reviews/school/", {"is_approval": True}).status_code == 403
    assert sends(principal, f"{address}reviews/school/", {"is_approval": True}).status_code == 201
    assert sends(chair, f"{address}reviews/committee/", {"is_approval": True}).json()["state"] == "placed"
    answer = sends(client, f"/api/v1/family/supplements/{body['id']}/withdrawal/")
    assert (answer.status_code, answer.json()["code"]) == (409, "enrolment.has_place")
    assert client.get(f"/api/v1/family/supplements/{body['id']}/").json()["place"]["holds_place"] is True


def test_a_supplement_is_taken_back_by_the_api(north, room):
    row = room.asks()
    client = stage.browser(north, room.family.user)
    after = sends(client, f"/api/v1/family/supplements/{row.pk}/withdrawal/").json()
    assert (after["state"], after["place"]["waits"]) == ("withdrawn", False)


def said(answer):
    return answer.status_code, answer.json().get("code")


def test_each_address_is_closed_to_who_has_nothing_to_do_with_it(north, room):
    """Another family, staff on the family's side, a family on the staff's, a reviewer on the other side, nobody at all."""
    row, agreement = room.asks(), room.agreement()
    other = stage.browser(north, stage.a_family("王小红").user)
    clerk, teacher = (stage.browser(north, makers.a_user(role)) for role in ("clerk", "care_staff"))
    principal, chair = (stage.browser(north, each) for each in room.sides)
    family = stage.browser(north, room.family.user)
    own, staffs = f"/api/v1/family/agreements/{agreement.pk}/", f"/api/v1/supplements/{row.pk}/"
    given = {
        "activity": str(room.robots.pk),
        "read_sha256": "0" * 64,
        "signature_mode": "drawn",
        "signature": stage.DRAWN,
    }
    for path, body in (
        (f"{own}supplements/texts/", {"activity": given["activity"]}),
        (f"{own}supplements/", given),
        (f"/api/v1/family/supplements/{row.pk}/withdrawal/", {}),
    ):
        assert sends(other, path, body).status_code == 404, path
        assert sends(clerk, path, body).status_code == 403, path
    for path in (f"{own}further/", f"{own}supplements/", f"/api/v1/family/supplements/{row.pk}/"):
        assert clerk.get(path).status_code == 403, path
    for path in ("/api/v1/supplements/", staffs):
        assert [each.get(path).status_code for each in (family, teacher, clerk)] == [403, 403, 200], path
    for side, who in (
        ("school", (family, clerk, teacher, chair)),
        ("committee", (family, clerk, teacher, principal)),
    ):
        for client in who:
            assert sends(client, f"{staffs}reviews/{side}/", {"is_approval": True}).status_code == 403
    assert principal.get(f"/api/v1/supplements/{NOBODY}/").status_code == 404
    assert sends(family, f"/api/v1/family/supplements/{NOBODY}/withdrawal/").status_code == 404
    assert not Review.objects.filter(supplement=row).exists()
    assert room.state(row) == "submitted"


def test_twice_and_late_each_says_what_stands(north, room):
    row, agreement = room.asks(), room.agreement()
    family, principal = stage.browser(north, room.family.user), stage.browser(north, room.sides[0])
    review, withdrawal = (
        f"/api/v1/supplements/{row.pk}/reviews/school/",
        f"/api/v1/family/supplements/{row.pk}/withdrawal/",
    )
    assert sends(principal, review, {"is_approval": True}).status_code == 201
    assert said(sends(principal, review, {"is_approval": True})) == (409, "enrolment.already_reviewed")
    assert sends(family, withdrawal).status_code == 200
    assert said(sends(family, withdrawal)) == (409, "enrolment.not_withdrawable")
    assert said(sends(stage.browser(north, room.sides[1]), f"/api/v1/supplements/{row.pk}/reviews/committee/",
                      {"is_approval": True})) == (409, "enrolment.already_decided")  # fmt: skip
    own = f"/api/v1/family/agreements/{agreement.pk}/supplements/"
    read = sends(family, f"{own}texts/", {"activity": str(room.robots.pk)}).json()["sha256"]
    room.leaves()
    given = {
        "activity": str(room.robots.pk),
        "read_sha256": read,
        "signature_mode": "drawn",
        "signature": stage.DRAWN,
    }
    answer = sends(family, own, given)
    assert said(answer) == (409, "enrolment.not_running")
    assert "重新申请" in answer.json()["detail"]
    assert Supplement.objects.count() == 1


def test_the_own_childs_is_refused_by_the_api_too(north, room):
    row, principal = room.asks(), room.sides[0]
    makers.a_guardian(room.family.pupil, name="陈校长", user=principal)
    path = f"/api/v1/supplements/{row.pk}/reviews/school/"
    assert said(sends(stage.browser(north, principal), path, {"is_approval": True})) == (
        409,
        "enrolment.own_child",
    )
    deputy = stage.browser(north, makers.a_user("deputy"))
    assert sends(deputy, path, {"is_approval": True}).status_code == 201  # the way there is


@pytest.mark.parametrize("field", ["activity", "read_sha256", "signature_mode", "signature"])
def test_nonsense_in_a_field_is_named_and_writes_nothing(north, room, field):
    family = stage.browser(north, room.family.user)
    own = f"/api/v1/family/agreements/{room.agreement().pk}/supplements/"
    read = sends(family, f"{own}texts/", {"activity": str(room.robots.pk)}).json()["sha256"]
    good = {
        "activity": str(room.robots.pk),
        "read_sha256": read,
        "signature_mode": "drawn",
        "signature": stage.DRAWN,
    }
    for odd in NONSENSE:
        answer = sends(family, own, {**good, field: odd})
        assert answer.status_code == 400, (field, odd)
        assert answer.json(), (field, odd)
    for mode in ("typed", "drawn"):
        for odd in NONSENSE:
            assert sends(family, own, {**good, "signature_mode": mode, "signature": odd}).status_code == 400
    assert sends(family, own, {key: value for key, value in good.items() if key != field}).status_code == 400
    assert not Supplement.objects.exists()


def test_nonsense_in_a_review_a_list_or_a_body_is_no_error_of_ours(north, room):
    row, principal = room.asks(), stage.browser(north, room.sides[0])
    path = f"/api/v1/supplements/{row.pk}/reviews/school/"
    for odd in (None, [], {}, "", "perhaps", "\x00"):
        assert sends(principal, path, {"is_approval": odd}).status_code == 400, odd
    for odd in ([], {}, "\x00", "\ud800", "长" * 70_000):
        assert sends(principal, path, {"is_approval": False, "reason": odd}).status_code == 400, odd
    for body in ("{", "[]", "7", "null"):
        assert principal.post(path, body, content_type="application/json").status_code == 400, body
    for key in ("state", "todo", "school_class"):
        for odd in ("moon", "\x00"):
            assert principal.get("/api/v1/supplements/", {key: odd}).status_code == 400, (key, odd)
    assert not Review.objects.filter(supplement=row).exists()
