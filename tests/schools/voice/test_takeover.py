"""Nobody of the school gets at a parent's account by its number, and never at what the parent wrote to the bureau (S46)."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from afterbell.accounts import actions as accounts
from afterbell.accounts import number_actions
from afterbell.accounts.models import Assignment, NumberClaim, User
from afterbell.accounts.roles import Role
from afterbell.kernel.ids import uuid7
from schools.notices.models import Delivery, Dispatch
from schools.people import adult_actions, correction_actions, refusals
from schools.people.models import Change, Guardian, Relation, Tie
from schools.people.rights import Rights
from schools.voice import letters
from tenants.context import in_school
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import BureauComplaint, ComplaintKind
from tests import makers
from tests.accounts.test_login import CONFIRM, ask, is_in, sent
from tests.schools.people.stage import client_of, parent

SECRET = "校长要求全班都参加"
NEW = "+8613700137000"
WHY = "换了号码"
MINE = "/family/complaints/"


@pytest.fixture
def them(school, settings):
    """Alice signs for Ming, has logged in and written to the bureau; Bob signs too; principal, deputy and clerk."""
    settings.DEMO, settings.CODE_SENDER = True, "afterbell.accounts.senders.VisibleOutbox"
    ming = makers.a_pupil(name="李小明")
    alice, bob = parent(ming, name="李静"), parent(ming, name="王强")
    User.objects.filter(pk=alice.user_id).update(last_login=timezone.now())
    letter = letters.submit(
        school=school,
        key=uuid7(),
        wanted=Wanted(ComplaintKind.FORCED, SECRET),
        by=alice.user,
        now=timezone.now(),
    )
    roles = {name: makers.a_user(name, name=name) for name in ("principal", "deputy", "clerk")}
    return {"school": school, "ming": ming, "alice": alice, "bob": bob, "letter": letter, **roles}


def corrected(them, by="principal", phone=NEW, guardian=None):
    row = Guardian.objects.get(pk=(guardian or them["alice"]).pk)
    return correction_actions.correct_phone(
        guardian=row, before=row.phone, phone=phone, reason=WHY, by=them[by], now=timezone.now()
    )


def later(claim, days=4):
    """The claim was made some days ago."""
    NumberClaim.objects.filter(pk=claim.pk).update(at=timezone.now() - timedelta(days=days))
    return NumberClaim.objects.get(pk=claim.pk)


def accept(claim, by):
    number_actions.accept_number(claim=claim, by=by, now=timezone.now())


def now_of(them):
    row = Guardian.objects.select_related("user").get(pk=them["alice"].pk)
    return row.phone, row.user.phone


def by_code(them, phone):
    """A browser of whoever holds this phone; logged in if a code came."""
    client, before = client_of(them["school"]), len(sent(them["school"]))
    ask(client, phone)
    codes = sent(them["school"])
    if len(codes) > before:
        client.post(CONFIRM, {"code": codes[0]})
    return client


def reads(client, them):
    """Whether the browser sees the letter, in the list and by its address."""
    listed = them["letter"].number in client.get(MINE).content.decode()
    opened = SECRET in client.get(f"/family/complaints/bureau/{them['letter'].pk}/").content.decode()
    assert listed == opened
    return opened


def test_the_principal_types_the_own_second_phone_and_is_in_nobodys_account(them):
    """The whole attack, by pages: correct, ask for a code, log in, read."""
    old = them["alice"].phone
    tie = them["alice"].ties.get()
    head = client_of(them["school"], them["principal"])
    at = f"/desk/pupils/{them['ming'].pk}/adults/{tie.pk}/phone/"
    assert "本人" in head.get(at).content.decode()
    done = head.post(at, {"before": old, "phone": NEW, "reason": WHY}, follow=True)
    assert "还没有生效" in done.content.decode()
    assert now_of(them) == (old, old)
    thief = by_code(them, NEW)
    assert not is_in(thief)
    claim = NumberClaim.objects.get(phone=NEW)
    assert head.post(f"/accounts/numbers/{claim.pk}/", {"answer": "yes"}).status_code == 403
    deputy = client_of(them["school"], them["deputy"])
    deputy.post(f"/accounts/numbers/{claim.pk}/", {"answer": "yes"})
    assert now_of(them) == (old, old)  # not before the old number had its days
    later(claim)
    deputy.post(f"/accounts/numbers/{claim.pk}/", {"answer": "yes"})
    assert now_of(them) == (NEW, NEW)
    thief = by_code(them, NEW)
    assert is_in(thief)
    assert not reads(thief, them)
    assert thief.get("/api/v1/family/bureau-complaints/").json()["results"] == []
    assert (
        thief.post(f"/family/complaints/bureau/{them['letter'].pk}/add/", {"text": "算了"}).status_code == 404
    )


def test_the_letter_is_not_answered_for_by_the_new_number(them):
    accept(later(corrected(them)), them["deputy"])
    user = User.objects.get(pk=them["alice"].user_id)
    for deed in (letters.add, letters.reopen):
        with pytest.raises(letters.family_actions.refusals.NotYours):
            deed(complaint=them["letter"], text="算了", by=user, now=timezone.now())
    assert letters.waiting_for(user) == []


def test_the_owner_says_yes_by_the_old_number_and_keeps_everything(them):
    claim = corrected(them)
    owner = by_code(them, them["alice"].phone)
    page = owner.get("/family/").content.decode()
    assert "/accounts/numbers/" in page
    assert "是我的号码" in owner.get("/accounts/numbers/").content.decode()
    assert owner.post(f"/accounts/numbers/{claim.pk}/", {"answer": "yes"}).status_code == 302
    assert now_of(them) == (NEW, NEW)
    assert not is_in(owner)
    assert reads(by_code(them, NEW), them)
    assert Change.objects.get().by_id == them["alice"].user_id


def test_the_owner_says_no_and_nothing_changes(them):
    claim = later(corrected(them))
    old = them["alice"].phone
    owner = by_code(them, old)
    assert owner.post(f"/accounts/numbers/{claim.pk}/", {"answer": "no"}).status_code == 302
    with pytest.raises(number_actions.ClaimAnswered):
        accept(claim, them["deputy"])
    assert now_of(them) == (old, old)
    assert {row.guardian.name for row in Delivery.objects.filter(notice__title__contains="没有更换")} == {
        "李静",
        "王强",
    }


def test_the_old_number_and_the_others_who_sign_hear_at_once_on_their_phones(them):
    corrected(them)
    told = Delivery.objects.select_related("notice", "guardian")
    assert {row.guardian.name for row in told} == {"李静", "王强"}
    body = told[0].notice.body
    assert "还没有生效" in body
    assert "12345" in body
    assert NEW[-8:] not in body
    assert Dispatch.objects.filter(delivery__in=told).count() == 2


def test_by_the_page_of_accounts_they_hear_too_and_wait_too(them):
    claim = number_actions.claim_number(
        user=them["alice"].user, phone=NEW, reason=WHY, by=them["clerk"], now=timezone.now()
    )
    assert {row.guardian.name for row in Delivery.objects.all()} == {"李静", "王强"}
    with pytest.raises(number_actions.TooEarly):
        accept(claim, them["principal"])


def test_whoever_asked_or_is_a_stranger_does_not_answer(them):
    claim = later(corrected(them))
    for name in ("principal", "bob"):
        by = them[name].user if name == "bob" else them[name]
        with pytest.raises(number_actions.NotYourAnswer):
            accept(claim, by)


def test_the_days_do_not_run_out_while_the_owner_is_shut_out(them):
    claim = later(corrected(them))
    accounts.deactivate_user(
        user=them["alice"].user, reason="本人要求", by=them["principal"], now=timezone.now()
    )
    with pytest.raises(accounts.Inactive):
        accept(claim, them["deputy"])
    accounts.reactivate_user(user=them["alice"].user, by=them["principal"], now=timezone.now())
    with pytest.raises(number_actions.TooEarly):
        accept(claim, them["deputy"])


def test_what_was_changed_wrongly_is_put_back_and_the_letter_is_there_again(them):
    old = them["alice"].phone
    accept(later(corrected(them)), them["deputy"])
    back = corrected(them, by="clerk", phone=old)
    accept(later(back), them["deputy"])
    assert now_of(them) == (old, old)
    assert reads(by_code(them, old), them)


def test_a_wrong_holder_keeps_no_door_of_the_own(them):
    """What was set while the number was another one opens nothing once it is put back: password and sessions."""
    user = User.objects.get(pk=them["alice"].user_id)
    accept(later(corrected(them)), them["deputy"])
    user.refresh_from_db()
    accounts.set_password(user=user, password="tian-qing-1962", by=user, now=timezone.now())
    accept(later(corrected(them, by="clerk", phone=them["alice"].phone)), them["deputy"])
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_a_role_given_in_between_keeps_the_wrong_holder_no_door_either(them):
    """Whoever has another role, too, is still a parent: password and second factor end with the number."""
    user = User.objects.get(pk=them["alice"].user_id)
    accept(later(corrected(them)), them["deputy"])
    user.refresh_from_db()
    accounts.set_password(user=user, password="tian-qing-1962", by=user, now=timezone.now())
    accounts.assign_role(user=user, role=Role.CARE_STAFF, by=them["principal"], now=timezone.now())
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    claim = number_actions.claim_number(
        user=user, phone=them["alice"].phone, reason=WHY, by=them["principal"], now=timezone.now()
    )
    accept(later(claim), them["deputy"])
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert not Authenticator.objects.filter(user=user).exists()


def test_nobody_takes_the_role_of_a_parent_away(them):
    """It is the tie's: without it the old number could not even object."""
    held = Assignment.objects.get(user=them["alice"].user_id)
    for by in ("clerk", "principal"):
        with pytest.raises(accounts.FollowsATie):
            accounts.withdraw_role(assignment=held, by=them[by], now=timezone.now())
    page = client_of(them["school"], them["principal"]).get(f"/accounts/users/{held.user_id}/")
    assert (page.status_code, "收回" in page.content.decode()) == (200, False)


def test_whoever_is_put_out_and_the_others_hear_of_it_on_their_phones(them):
    tie = Tie.objects.get(guardian=them["alice"])
    adult_actions.end_tie(tie=tie, reason="不再接送", by=them["clerk"], now=timezone.now())
    told = Delivery.objects.filter(notice__title__contains="有变化")
    assert set(told.values_list("guardian", flat=True)) == {them["alice"].pk, them["bob"].pk}
    assert Dispatch.objects.filter(delivery__in=told).count() == 2
    tie = Tie.objects.get(guardian=them["bob"])
    adult_actions.change_rights(
        tie=tie, before=Rights.of(tie), relation=tie.relation, may_sign=False, may_collect=True, reason="本人要求",
        by=them["clerk"], now=timezone.now(),
    )  # fmt: skip
    assert Delivery.objects.filter(guardian=them["bob"], notice__body__contains="不能再为").exists()


def test_below_the_page_the_number_of_an_account_in_use_is_not_one_persons(them):
    user = User.objects.get(pk=them["alice"].user_id)
    with pytest.raises(accounts.NeedsTwoPersons):
        accounts.change_phone(user=user, phone=NEW, by=them["principal"], now=timezone.now())


def test_who_never_came_is_corrected_by_one_person(them):
    User.objects.filter(pk=them["bob"].user_id).update(last_login=None)
    assert corrected(them, guardian=them["bob"]) is None
    assert Guardian.objects.get(pk=them["bob"].pk).phone == NEW


@pytest.mark.parametrize("how", ["claimed", "was the account's"])
def test_a_number_known_as_staffs_is_no_parents(them, how):
    """Also one that is no account's number any more."""
    teacher = makers.a_user("care_staff", name="韩梅", phone="+8613700137001")
    if how == "claimed":
        NumberClaim.objects.create(user=teacher, phone=NEW, by=them["clerk"], at=timezone.now())
    else:
        makers.Candidate.objects.create(
            user=teacher, phone=NEW, name="韩梅", origin="professional", proposed_at=timezone.now()
        )
    with pytest.raises(refusals.StaffNumber):
        corrected(them, by="clerk", guardian=them["bob"])
    with pytest.raises(refusals.StaffNumber):
        adult_actions.add_adult(
            pupil=them["ming"], name="李阿姨", phone=NEW, relation=Relation.OTHER, may_sign=True, may_collect=True,
            by=them["clerk"], now=timezone.now(),
        )  # fmt: skip
    claim = corrected(them)
    with pytest.raises(refusals.StaffNumber):
        accept(later(claim), them["deputy"])
    accept(claim, them["alice"].user)
    assert now_of(them) == (NEW, NEW)


def test_a_parent_who_works_here_is_no_stranger_to_the_own_numbers(them):
    Assignment.objects.create(user=them["alice"].user, role="care_staff")
    claim = number_actions.claim_number(
        user=them["alice"].user, phone=NEW, reason=WHY, by=them["clerk"], now=timezone.now()
    )
    with pytest.raises(number_actions.TooEarly):
        accept(claim, them["deputy"])
    with pytest.raises(number_actions.NotYourAnswer):
        accept(claim, them["alice"].user)
    accept(later(claim), them["deputy"])
    assert now_of(them) == (NEW, NEW)


def test_everybody_sees_on_the_pages_what_waits(them):
    corrected(them)
    pupil = client_of(them["school"], them["clerk"]).get(f"/desk/pupils/{them['ming'].pk}/").content.decode()
    assert "新号码还没有生效" in pupil
    deputy = client_of(them["school"], them["deputy"])
    page = deputy.get("/accounts/numbers/").content.decode()
    assert "最早" in page
    assert "我已当面核实" not in page
    later(NumberClaim.objects.get(phone=NEW))
    assert "我已当面核实" in deputy.get("/accounts/numbers/").content.decode()


def test_the_api_answers_that_it_waits(them):
    tie = them["alice"].ties.get()
    at = f"/api/v1/pupils/{them['ming'].pk}/adults/{tie.pk}/phone/"
    client = client_of(them["school"], them["principal"])
    given = {"before": them["alice"].phone, "phone": NEW, "reason": WHY}
    answer = client.post(at, given)
    assert (answer.status_code, answer.json()["id"]) == (202, str(NumberClaim.objects.get(phone=NEW).pk))
    assert client.post(at, given).status_code == 409
    assert now_of(them) == (them["alice"].phone,) * 2


def test_other_schools_letters_do_not_follow(them, south):
    """The number moves what this guardian wrote at this school, and nothing else."""
    other = them["bob"]
    theirs = letters.submit(
        school=them["school"],
        key=uuid7(),
        wanted=Wanted(ComplaintKind.FEE, "多收"),
        by=other.user,
        now=timezone.now(),
    )
    accept(corrected(them), them["alice"].user)
    with letters.context.at_letterbox():
        assert BureauComplaint.objects.get(pk=theirs.pk).guardian_phone == other.phone
        assert BureauComplaint.objects.get(pk=them["letter"].pk).guardian_phone == NEW
    with in_school(them["school"]):
        assert [row.pk for row in letters.own(other.user)] == [theirs.pk]
