"""A guardian applies: the gates in their order, the choice, the signature, once and only once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from afterbell.accounts.permissions import GUARDIAN_ONLY, Permission
from afterbell.accounts.roles import ROLES, Role, Side
from afterbell.audit.models import Entry
from afterbell.outbox.models import Mark
from schools.enrolment import actions, refusals, signing
from schools.enrolment.models import Application, SignatureMode
from schools.enrolment.places import digest
from schools.enrolment.states import ApplicationState
from schools.planning.states import PlanState
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage


@pytest.fixture
def term(north):
    """A running plan with one activity, and a family."""
    with in_school(north):
        plan = stage.a_running_plan()
        yield plan, makers.an_activity(plan), stage.a_family()


def test_a_guardian_applies_and_gets_a_number(north, term):
    """S1, S13: a record of who, when, which text, which device."""
    plan, activity, family = term
    made = stage.applied(north, family, activity)
    assert made.number.startswith("A")
    assert (made.state, made.guardian, made.device) == ("submitted", family.guardian, stage.DEVICE)
    assert made.text_sha256 == digest(made.text)
    assert digest(made.agreement_text) in made.text
    assert made.choices.get().holds_place is False
    assert "李小明" in made.text
    assert "场地、水、电免费" in made.agreement_text
    entry = Entry.objects.get(verb="enrolment.application.submit")
    assert entry.by_id == family.user.pk
    assert "李小明" not in str(entry.details)
    assert {mark.bucket for mark in Mark.objects.all()} >= {plan.term_code}


@pytest.mark.parametrize(
    "role", [role for role, facts in ROLES.items() if facts.side is Side.SCHOOL and role != "guardian"]
)
def test_no_member_of_staff_and_no_committee_applies_for_a_child(north, term, role):
    """S1: staff have no way at the action, also when they know every id and hash."""
    _plan, activity, family = term
    with pytest.raises(refusals.OnlyGuardians):
        stage.applied(north, family, activity, by=makers.a_user(role))
    assert not Application.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.GUARDIAN])
def test_no_other_role_holds_a_permission_to_apply_sign_or_leave(role):
    """S1: by the list of roles, whatever the pages do."""
    own = {Permission.ENROLMENT_APPLY, Permission.AGREEMENT_SIGN, Permission.ENROLMENT_WITHDRAW}
    assert own <= GUARDIAN_ONLY
    assert own.isdisjoint(ROLES[role].permissions)


def test_another_familys_guardian_does_not_apply(north, term):
    """S1."""
    _plan, activity, family = term
    with pytest.raises(refusals.OnlyGuardians):
        stage.applied(north, family, activity, by=stage.a_family("王小红").user)


@pytest.mark.parametrize("change", [{"may_sign": False}, {"ended_at": makers.NOON}])
def test_an_adult_without_the_right_to_sign_does_not_apply(north, term, change):
    """S13: an adult who may only collect, or whose tie has ended."""
    _plan, activity, family = term
    family.guardian.ties.update(**change)
    with pytest.raises(refusals.OnlyGuardians):
        stage.applied(north, family, activity)


def test_a_teacher_who_is_a_parent_applies_for_the_own_child_alone(north, term):
    _plan, activity, family = term
    family.user.assignments.create(role="care_staff", scope="")
    family.user.forget_rights()
    assert stage.applied(north, family, activity).state == "submitted"
    other = stage.a_family("王小红")
    with pytest.raises(refusals.OnlyGuardians):
        stage.applied(north, other, activity, by=family.user)


def test_a_parent_whose_login_is_no_guardians_login_does_not_apply(north, term):
    """S1: the tie to the child and the guardian's role, both; a staff login that is tied to a child has one of them."""
    _plan, activity, family = term
    family.user.assignments.update(role="clerk")
    family.user.forget_rights()
    with pytest.raises(refusals.OnlyGuardians):
        stage.applied(north, family, activity)


@pytest.mark.parametrize("state", ["draft", "resolved", "filed", "returned", "accepted"])
def test_no_application_before_the_plan_is_published(north, term, state):
    """S38."""
    plan, _activity, family = term
    plan.state = state
    with pytest.raises(refusals.NoPlan):
        actions.check_gates(plan, family.pupil, stage.now())


def test_no_application_after_the_last_day(north, term):
    """Bad input: a closed term."""
    plan, activity, family = term
    with pytest.raises(refusals.Closed):
        stage.applied(north, family, activity, at=stage.now() + timedelta(days=70))
    plan.state = PlanState.ENDED
    with pytest.raises(refusals.Closed):
        actions.check_gates(plan, family.pupil, stage.now())


def test_no_application_for_a_child_who_has_left(north, term):
    _plan, activity, family = term
    family.pupil.left_date = makers.FIRST
    family.pupil.save()
    with pytest.raises(refusals.NotOnRoll):
        stage.applied(north, family, activity)


def test_a_second_application_is_the_first_one(north, term):
    """Bad input: double submit. One living application a child; refused or withdrawn, another may follow."""
    _plan, activity, family = term
    first = stage.applied(north, family, activity)
    with pytest.raises(refusals.AlreadyApplied) as caught:
        stage.applied(north, family, activity)
    assert caught.value.application_id == first.pk
    assert first.number in str(caught.value)
    actions.withdraw(application=first, by=family.user, now=stage.now())
    assert stage.applied(north, family, activity).pk != first.pk


def test_the_database_itself_keeps_one_living_application_a_child(north, term):
    _plan, activity, family = term
    first = stage.applied(north, family, activity)
    first.pk, first.number, first._state.adding = None, "A2", True
    with pytest.raises(IntegrityError, match="one_live_application_a_child"), transaction.atomic():
        first.save(force_insert=True)


def test_when_two_taps_arrive_at_once_the_constraint_decides_and_the_first_is_shown(north, term, monkeypatch):
    """Bad input: double submit, in the moment in which neither sees the other."""
    _plan, activity, family = term
    first = stage.applied(north, family, activity)
    found, asked = actions._living, []

    def blind_at_first(*given):
        asked.append(given)
        return None if len(asked) == 1 else found(*given)

    monkeypatch.setattr(actions, "_living", blind_at_first)
    with pytest.raises(refusals.AlreadyApplied) as caught:
        stage.applied(north, family, activity)
    assert caught.value.application_id == first.pk


def test_the_choice_is_checked(north, term):
    """A choice of nothing, of another grade, of two things at a time, of another plan."""
    plan, activity, family = term
    old = makers.an_activity(makers.a_plan(term_code="2025-2026-2", state="ended"))
    upper = makers.an_activity(plan, grade_from=4, title="合唱", weekday=2)
    overlap = makers.an_activity(
        plan, title="足球", starts=activity.starts.replace(hour=17), ends=activity.ends.replace(hour=18)
    )
    for chosen, refusal in (
        ((), refusals.NothingChosen),
        ((upper,), refusals.WrongGrade),
        ((activity, overlap), refusals.SameTime),
        ((old,), refusals.UnknownActivity),
        ((activity, activity), refusals.UnknownActivity),
    ):
        with pytest.raises(refusal):
            stage.applied(north, family, *chosen, plan=plan)
    assert not Application.objects.exists()


def test_activities_one_after_the_other_are_no_conflict(north, term):
    plan, activity, family = term
    later = makers.an_activity(
        plan, title="足球", starts=activity.ends, ends=activity.ends.replace(hour=18, minute=30)
    )
    assert stage.applied(north, family, activity, later).choices.count() == 2


def test_what_was_read_is_what_is_signed(north, term):
    """S15: the text that is newest at the moment of the signature is not signed unread."""
    _plan, activity, family = term
    with pytest.raises(refusals.TextChanged):
        stage.applied(north, family, activity, read_sha256="0" * 64)
    assert not Application.objects.exists()


def test_a_typed_name_is_a_signature_of_its_own_kind(north, term):
    """S13: without a drawing, the full name."""
    _plan, activity, family = term
    made = stage.applied(north, family, activity, signature=signing.typed(" 李 强 ", of=family.guardian.name))
    assert (made.signature_mode, made.signature) == (SignatureMode.TYPED, "李强")


def test_the_database_refuses_a_drawn_signature_that_is_no_path(north, term):
    _plan, activity, family = term
    stage.applied(north, family, activity)
    with pytest.raises(IntegrityError, match="drawn_signature_is_a_path"), transaction.atomic():
        Application.objects.update(signature="<script>")
    with pytest.raises(IntegrityError, match="application_is_signed"), transaction.atomic():
        Application.objects.update(signature="", signature_mode="typed")


def test_a_withdrawn_application_is_over(north, term):
    _plan, activity, family = term
    made = stage.applied(north, family, activity)
    actions.withdraw(application=made, by=family.user, now=stage.now())
    made.refresh_from_db()
    assert made.state == ApplicationState.WITHDRAWN
    with pytest.raises(refusals.NotWithdrawable):
        actions.withdraw(application=made, by=family.user, now=stage.now())


def test_nobody_else_withdraws(north, term):
    """S1: neither the school nor another family."""
    _plan, activity, family = term
    made = stage.applied(north, family, activity)
    for other in (makers.a_user("principal"), makers.a_user("clerk"), stage.a_family("王小红").user):
        with pytest.raises(refusals.OnlyGuardians):
            actions.withdraw(application=made, by=other, now=stage.now())


def test_the_other_parent_of_the_child_may_withdraw(north, term):
    _plan, activity, family = term
    made = stage.applied(north, family, activity)
    mother = makers.a_user("guardian", name="张敏")
    makers.a_guardian(family.pupil, user=mother)
    actions.withdraw(application=made, by=mother, now=stage.now())
