"""A new password goes to the person's own phone, and a number is not one hand's to give (S7)."""

import pytest
from django.db import IntegrityError, transaction

from afterbell.accounts import actions, number_actions, senders
from afterbell.accounts.models import NumberClaim, User
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from schools.committee.models import Office
from schools.people import correction_actions
from schools.people import queries as people
from schools.people.models import Change, Guardian
from tenants.context import in_city, in_school
from tests import makers as house
from tests.accounts.makers import a_user, browser, host_of, logged_in
from tests.city import NOON
from tests.schools.people.stage import client_of, parent

OWN, NEW, OTHER = "+8613800138001", "+8613800138002", "+8613800138003"


@pytest.fixture(autouse=True)
def phones(settings):
    settings.SECOND_FACTOR = "optional"
    settings.DEMO, settings.CODE_SENDER = True, "afterbell.accounts.senders.VisibleOutbox"


def reset(user, by):
    actions.reset_password(user=user, by=by, now=NOON, address=lambda token: f"http://host/{token}")


def claimed(user, by, phone=NEW) -> NumberClaim:
    return number_actions.claim_number(user=user, phone=phone, reason="手机遗失", by=by, now=NOON)


def accept(claim, by):
    number_actions.accept_number(claim=claim, by=by, now=NOON)


def a_chair() -> User:
    """A seated chair, by way of the seat, with the parent's own number."""
    guardian = parent(house.a_pupil(), name="吴国强")
    days = house.days_of(Role.COMMITTEE_CHAIR)
    guardian.user.assignments.create(role=Role.COMMITTEE_CHAIR, **days)
    house.a_seat(house.a_committee(), Office.CHAIR, guardian=guardian)
    return User.objects.get(pk=guardian.user_id)


def test_the_principal_resets_the_chairs_password_and_sees_no_link(north):
    """S7: it goes to the chair's own phone, in no page, header or message of the principal's."""
    with in_school(north):
        chair, principal = a_chair(), a_user(role=Role.PRINCIPAL)
    client = logged_in(host_of(north), principal.login)
    answer = client.post(f"/accounts/users/{chair.pk}/reset-password/", follow=True)
    with in_school(north):
        sent = senders.outbox()[0]
        assert sent.phone == chair.phone
        assert "/accounts/set-password/" in sent.code
        secret = sent.code.rstrip("/").rpartition("/")[2]
    assert secret not in answer.content.decode()
    assert secret not in str(answer.headers)
    assert secret not in client.get("/accounts/me/").content.decode()
    with in_school(north):
        assert secret not in str(list(Entry.objects.values_list("details", flat=True)))


def test_the_school_alone_gives_the_chair_no_other_number(north):
    """S7: neither by the office's correction nor by two of the school; a second seat stands for it."""
    with in_school(north):
        chair, principal, deputy = a_chair(), a_user(role=Role.PRINCIPAL), a_user(role=Role.DEPUTY)
        treasurer = a_user(role=Role.TREASURER)
        guardian = Guardian.objects.get(user=chair)
        with pytest.raises(actions.NeedsTwoPersons):
            correction_actions.correct_phone(
                guardian=guardian, before=guardian.phone, phone=NEW, reason="换号", by=principal, now=NOON
            )
        claim = claimed(chair, principal)
        for by in (principal, deputy, chair):
            with pytest.raises(number_actions.NotYourAnswer):
                accept(claim, by)
        assert User.objects.get(pk=chair.pk).phone == chair.phone
        reset(chair, principal)  # still to the old one
        assert senders.outbox()[0].phone == chair.phone
        accept(claim, treasurer)
        guardian.refresh_from_db()
        assert (guardian.phone, User.objects.get(pk=chair.pk).phone) == (NEW, NEW)
        assert Change.objects.get().reason == "手机遗失"
        reset(User.objects.get(pk=chair.pk), principal)
        assert senders.outbox()[0].phone == NEW


def test_a_number_that_one_person_entered_gets_no_link(north):
    """The first account: who makes it does not also say whose phone it is."""
    with in_school(north):
        principal, deputy = a_user(role=Role.PRINCIPAL), a_user(role=Role.DEPUTY)
        made = a_user(role=Role.CARE_STAFF, phone=OWN, by=principal)
        bare = a_user(role=Role.CARE_STAFF, by=principal)
        for user in (made, bare):
            with pytest.raises(actions.NumberUnknown):
                reset(user, principal)
        assert made.has_usable_password()  # nothing half done
        number_actions.refuse_number(claim=made.number_claims.get(), by=deputy, now=NOON)
        with pytest.raises(actions.NumberUnknown):
            reset(made, principal)
        again = claimed(made, principal, OWN)  # looked at once more
        accept(again, deputy)
        reset(made, principal)
        accept(claimed(bare, principal), deputy)
        bare.refresh_from_db()
        reset(bare, principal)
        assert [sent.phone for sent in senders.outbox()] == [NEW, OWN]


def test_the_owner_says_that_it_is_not_his_number(north):
    """Lost phone, or somebody else's hand: the owner sees the claim and stops it."""
    with in_school(north):
        principal, deputy = a_user(role=Role.PRINCIPAL), a_user(role=Role.DEPUTY)
        teacher = a_user(role=Role.CARE_STAFF, phone=OWN)
        claim = claimed(teacher, principal)
        with pytest.raises(number_actions.NotYourAnswer):
            accept(claim, teacher)
    client = client_of(north, teacher)
    assert "不是您的，请马上否定" in client.get("/accounts/numbers/").content.decode()
    assert client.post(f"/accounts/numbers/{claim.pk}/", {"answer": "no"}).status_code == 302
    with in_school(north):
        with pytest.raises(number_actions.ClaimAnswered):
            accept(claim, deputy)
        teacher.refresh_from_db()
        assert teacher.phone == OWN


def test_bad_claims_are_refused_in_words(north):
    """Twice, the same number, somebody else's, of oneself, of a leader by a clerk, an ended account."""
    with in_school(north):
        principal, clerk = a_user(role=Role.PRINCIPAL), a_user(role=Role.CLERK, phone=OTHER)
        teacher = a_user(role=Role.CARE_STAFF, phone=OWN)
        for phone, refusal in ((OWN, number_actions.SameNumber), (OTHER, actions.PhoneTaken)):
            with pytest.raises(refusal):
                claimed(teacher, principal, phone)
        with pytest.raises(actions.NotYourself):
            claimed(principal, principal)
        with pytest.raises(actions.NotYours):
            claimed(principal, clerk)
        claimed(teacher, principal)
        with pytest.raises(number_actions.ClaimOpen):
            claimed(teacher, clerk)
        gone = a_user(role=Role.CARE_STAFF)
        actions.deactivate_user(user=gone, by=principal, now=NOON)
        with pytest.raises(actions.Inactive):
            claimed(gone, principal)


def test_a_number_that_was_taken_meanwhile_changes_nothing(north):
    """Late: between claim and answer it became another adult's."""
    with in_school(north):
        principal, deputy = a_user(role=Role.PRINCIPAL), a_user(role=Role.DEPUTY)
        teacher = a_user(role=Role.CARE_STAFF, phone=OWN)
        claim = claimed(teacher, principal)
        house.a_guardian(house.a_pupil(), phone=NEW)
        with pytest.raises(correction_actions.NumberOfAnother):
            accept(claim, deputy)
        claim.refresh_from_db()
        teacher.refresh_from_db()
        assert (claim.answered_at, teacher.phone) == (None, OWN)


def test_below_all_code_two_persons_stand_for_a_number(north):
    with in_school(north):
        principal = a_user(role=Role.PRINCIPAL)
        claim = claimed(a_user(role=Role.CARE_STAFF), principal)
        with pytest.raises(IntegrityError, match="claim_needs_two_persons"), transaction.atomic():
            NumberClaim.objects.filter(pk=claim.pk).update(
                answered_by=principal, answered_at=NOON, is_accepted=True
            )


def test_without_a_sender_nothing_is_reset(north, settings):
    """The city has no way to send: the old password stays."""
    settings.CODE_SENDER = "afterbell.accounts.senders.NoSender"
    with in_school(north):
        user = a_user(role=Role.CARE_STAFF, phone=OWN)
        with pytest.raises(senders.CodesNotConfigured):
            reset(user, a_user(role=Role.PRINCIPAL))
        assert User.objects.get(pk=user.pk).has_usable_password()


def test_in_the_city_too(db):
    """Three administrators: one enters the number, another has seen its owner."""
    with in_city():
        security, audit = a_user(role=Role.SECURITY_ADMIN), a_user(role=Role.AUDIT_ADMIN)
        system = a_user(role=Role.SYSTEM_ADMIN)
        claim = claimed(system, security)
        accept(claim, audit)
        system.refresh_from_db()
        assert system.phone == NEW
        reset(system, security)


def test_the_pages_ask_and_explain(north):
    """The form, its errors, and strangers stay out."""
    with in_school(north):
        principal, teacher = a_user(role=Role.PRINCIPAL), a_user(role=Role.CARE_STAFF)
        claim = claimed(a_user(role=Role.CARE_STAFF), principal, OTHER)
    client = logged_in(host_of(north), principal.login)
    address = f"/accounts/users/{teacher.pk}/number/"
    assert "当面核实" in client.get(address).content.decode()
    for given in (
        {"phone": "", "reason": ""},
        {"phone": "138", "reason": "换号"},
        {"phone": "13800138002", "reason": ""},
    ):
        assert client.post(address, given).status_code == 400
    assert client.post(address, {"phone": "13800138002", "reason": "换号"}).status_code == 302
    page = client.get(f"/accounts/users/{teacher.pk}/").content.decode()
    assert "还没有第二个人核实" in page
    outsider = client_of(north, teacher)
    assert outsider.post(f"/accounts/numbers/{claim.pk}/", {"answer": "yes"}).status_code == 403
    assert outsider.get(address).status_code == 403
    assert browser(host_of(north)).get("/accounts/numbers/").status_code == 302
    assert client.post("/accounts/numbers/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_a_number_that_was_denied_is_no_longer_the_new_accounts(north):
    """Its owner is a parent: neither taken nor a member of staff's. A number that is in use, or a parent's, stays."""
    with in_school(north):
        principal, clerk = a_user(role=Role.PRINCIPAL), a_user(role=Role.CLERK)
        colleague = actions.create_user(login="qian", name="钱副组", phone=NEW, by=principal, now=NOON)
        actions.assign_role(user=colleague, role=Role.DEPUTY, by=principal, now=NOON)
        claim = NumberClaim.objects.get(user=colleague)
        number_actions.refuse_number(claim=claim, by=clerk, now=NOON)
        assert User.objects.get(pk=colleague.pk).phone is None
        assert not people.is_staffs(NEW, "辛爸")
        assert Entry.objects.filter(verb="accounts.number.forget").count() == 1
        colleague.refresh_from_db()
        accept(claimed(colleague, principal, phone=OTHER), clerk)
        assert User.objects.get(pk=colleague.pk).phone == OTHER
        owner = parent(house.a_pupil(), name="辛爸", phone=NEW).user
        again = claimed(owner, principal, phone=OWN)
        number_actions.refuse_number(claim=again, by=owner, now=NOON)
        assert User.objects.get(pk=owner.pk).phone == NEW
