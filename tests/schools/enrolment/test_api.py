"""The API of enrolment: the same rights and the same actions as the pages, problem JSON for every no."""

import pytest

from schools.enrolment.models import Agreement, Application
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage

OWN = "/api/v1/family/applications/"


@pytest.fixture
def term(north):
    with in_school(north):
        yield makers.an_activity(stage.a_running_plan(), capacity=1), stage.a_family()


def sends(client, path, body=None):
    return client.post(path, body or {}, content_type="application/json")


def wanted(activity, family, **more):
    return {
        "plan": str(activity.plan_id), "pupil": str(family.pupil.pk), "activities": [str(activity.pk)],
        "goes_home_alone": False, **more,
    }  # fmt: skip


def applies(client, activity, family, **more):
    read = sends(client, f"{OWN}texts/", wanted(activity, family)).json()
    signed = {"read_sha256": read["sha256"], "signature_mode": "drawn", "signature": stage.DRAWN, **more}
    return sends(client, OWN, wanted(activity, family, **signed))


def test_a_guardian_reads_signs_and_applies(north, term):
    """S1, S13, S15."""
    activity, family = term
    client = stage.browser(north, family.user)
    offer = client.get("/api/v1/family/offers/").json()[0]
    assert offer["pupil"] == str(family.pupil.pk)
    assert offer["activities"][0]["free"] == 1
    answer = applies(client, activity, family)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["state"], body["activities"]) == ("submitted", [str(activity.pk)])
    assert "signature" not in body
    again = applies(client, activity, family)
    assert (again.status_code, again.json()["code"]) == (409, "enrolment.already_applied")
    assert client.get(OWN).json()["count"] == 1
    assert client.get(f"{OWN}{body['id']}/").json()["number"] == body["number"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"signature": "M 1 1"}, 400, "enrolment.unfit_signature"),
        ({"signature_mode": "typed", "signature": "王强"}, 400, "enrolment.other_name"),
        ({"read_sha256": "0" * 64}, 409, "enrolment.text_changed"),
        ({"activities": []}, 400, "enrolment.nothing_chosen"),
        ({"activities": ["00000000-0000-0000-0000-000000000000"]}, 400, "enrolment.unknown_activity"),
        ({"pupil": "00000000-0000-0000-0000-000000000000"}, 404, None),
        ({"signature_mode": "stamp"}, 400, None),
        ({"goes_home_alone": "perhaps"}, 400, None),
    ],
)
def test_what_does_not_fit_is_a_problem_with_its_code(north, term, change, status, code):
    activity, family = term
    answer = applies(stage.browser(north, family.user), activity, family, **change)
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Application.objects.exists()


def test_another_familys_things_are_not_there(north, south, term):
    """Bad input: another school's child id."""
    activity, family = term
    made = stage.applied(north, family, activity)
    other = stage.browser(north, stage.a_family("王小红").user)
    assert other.get(f"{OWN}{made.pk}/").status_code == 404
    assert sends(other, f"{OWN}{made.pk}/withdrawal/").status_code == 404
    assert (
        sends(
            other,
            OWN,
            wanted(activity, family, read_sha256="0" * 64, signature_mode="drawn", signature=stage.DRAWN),
        ).status_code
        == 404
    )
    with in_school(south):
        foreign = stage.a_family("赵南")
    assert sends(other, f"{OWN}texts/", wanted(activity, foreign)).status_code == 404


def test_the_two_sides_review_and_the_guardian_leaves(north, term):
    """S14, S15."""
    activity, family = term
    made = stage.applied(north, family, activity)
    principal, chair = (stage.browser(north, user) for user in stage.reviewers())
    school, committee = (
        f"/api/v1/applications/{made.pk}/reviews/{side}/" for side in ("school", "committee")
    )
    assert sends(principal, committee, {"is_approval": True}).status_code == 403
    assert sends(principal, school, {"is_approval": False}).json()["code"] == "enrolment.no_reason"
    assert sends(principal, school, {"is_approval": True}).status_code == 201
    assert sends(principal, school, {"is_approval": True}).json()["code"] == "enrolment.already_reviewed"
    assert sends(chair, committee, {"is_approval": True}).json()["state"] == "approved"
    agreement = Agreement.objects.get()
    parent = stage.browser(north, family.user)
    assert sends(parent, f"{OWN}{made.pk}/withdrawal/").json()["code"] == "enrolment.has_agreement"
    assert sends(principal, f"/api/v1/family/agreements/{agreement.pk}/exit/").status_code == 403
    assert sends(parent, f"/api/v1/family/agreements/{agreement.pk}/exit/").json()["state"] == "ended"


def test_lists_are_for_those_who_may_read(north, term):
    activity, family = term
    made = stage.applied(north, family, activity)
    principal = stage.browser(north, makers.a_user("principal"))
    assert principal.get("/api/v1/applications/?todo=school").json()["count"] == 1
    assert principal.get("/api/v1/applications/?state=approved").json()["count"] == 0
    assert principal.get(f"/api/v1/applications/{made.pk}/").json()["id"] == str(made.pk)
    for path in (
        "/api/v1/applications/",
        "/api/v1/applications/waiting/",
        f"/api/v1/applications/{made.pk}/",
    ):
        assert stage.browser(north, family.user).get(path).status_code == 403
        assert stage.browser(north, makers.a_user("care_staff")).get(path).status_code == 403
