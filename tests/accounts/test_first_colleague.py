"""A new school has its principal alone: the first colleague answers for the own number, and nobody is two persons."""

import pytest

from afterbell.accounts import actions, links, number_actions, queries, senders
from afterbell.accounts.models import NumberClaim, User
from afterbell.accounts.roles import Role
from afterbell.audit.models import Entry
from afterbell.pages.templatetags import show
from tenants.context import in_city, in_school
from tests.accounts.makers import a_user, browser, host_of, logged_in
from tests.city import NOON

MINE, THEIRS, OTHER = "+8613800138001", "+8613800138002", "+8613800138003"
USERS = "/accounts/users/"


@pytest.fixture(autouse=True)
def phones(settings):
    settings.SECOND_FACTOR = "optional"
    settings.DEMO, settings.CODE_SENDER = True, "afterbell.accounts.senders.VisibleOutbox"


def alone(phone=MINE) -> User:
    return a_user(role=Role.PRINCIPAL, name="陈校长", phone=phone)


def colleague(principal, role=Role.CLERK, phone=THEIRS) -> NumberClaim:
    user = actions.create_user(login=f"li{phone[-2:]}", name="李雷", phone=phone, by=principal, now=NOON)
    if role:
        actions.assign_role(user=user, role=role, by=principal, now=NOON)
    return user.number_claims.get()


def ask(claim, by):
    number_actions.ask_owner(claim=claim, by=by, now=NOON, address=lambda token: token)


def answer(claim, here=None, name="李雷"):
    return number_actions.accept_as_owner(claim=claim, name=name, here=here, now=NOON)


def test_the_first_colleague_gets_in_by_the_own_phone(north):
    """From the principal's page to the colleague's password; the principal sees no link."""
    with in_school(north):
        principal = alone()
    office = logged_in(host_of(north), principal.login)
    made = office.post(f"{USERS}new/", {"name": "李雷", "login": "lilei", "phone": "13800138002"})
    address = made.headers["Location"]
    assert "授予“办公室人员”或“副组长”角色" in office.get(address).content.decode()
    office.post(f"{address}roles/", {"role": "clerk", "scope": ""})
    assert "把确认链接发到本人手机" in office.get(address).content.decode()
    with in_school(north):
        claim = NumberClaim.objects.get()
    page = office.post(f"/accounts/numbers/{claim.pk}/ask/", follow=True).content.decode()
    assert "138 **** 8002" in page
    with in_school(north):
        sent = senders.outbox()[0]
    link = sent.code.partition("localhost")[2]
    assert sent.phone == THEIRS
    assert link not in page
    assert office.get(link).status_code == 403
    person = browser(host_of(north))
    assert "李雷" not in person.get(link).content.decode()
    for name, word in (("", "请填写您的姓名"), ("韩梅梅", "不是登记的姓名")):
        refused = person.post(link, {"answer": "yes", "name": name})
        assert (refused.status_code, word in refused.content.decode()) == (400, True)
    done = person.post(link, {"answer": "yes", "name": "李 雷"})
    assert person.get(link).status_code == 410
    word = "tian-qing-2026"
    person.post(done.headers["Location"], {"password1": word, "password2": word})
    logged_in(host_of(north), "lilei", word)
    with in_school(north):
        claim.refresh_from_db()
        assert (claim.is_accepted, claim.answered_by_id) == (True, claim.user_id)
        assert Entry.objects.filter(verb="accounts.number.ask_owner").exists()
        third = colleague(principal, phone=OTHER)
        with pytest.raises(number_actions.NotYourAnswer):
            ask(third, principal)  # now there are two
        number_actions.accept_number(claim=third, by=User.objects.get(login="lilei"), now=NOON)


def test_guesses_of_the_name_are_counted_like_guesses_of_a_password(north):
    """S7: a number with one wrong digit is a stranger's, and common names are few."""
    with in_school(north):
        principal = alone()
        claim = colleague(principal)
        ask(claim, principal)
        link = f"/accounts/numbers/{claim.pk}/own/{senders.outbox()[0].code}/"
    person = browser(host_of(north))
    for name in ("王伟", "王芳", "李伟", "李娜", "张敏"):
        assert person.post(link, {"answer": "yes", "name": name}).status_code == 400
    for another in (person, browser(host_of(north))):
        late = another.post(link, {"answer": "yes", "name": "李雷"})
        assert (late.status_code, int(late["Retry-After"]) > 3600) == (429, True)
        assert "请学校重新发送" in late.content.decode()
    with in_school(north):
        claim.refresh_from_db()
        assert claim.answered_at is None
    assert person.post(link, {"answer": "no"}).status_code == 302  # to say no is no guess


def test_a_link_that_is_sent_again_ends_the_one_before_and_no_guess_begins_anew(north):
    """Two live links were ten guesses."""
    with in_school(north):
        principal = alone()
        claim = colleague(principal)
    office, person = logged_in(host_of(north), principal.login), browser(host_of(north))
    page, links_sent = f"{USERS}{claim.user_id}/", []
    assert "还没有发过" in office.get(page).content.decode()
    for _time in range(2):
        office.post(f"/accounts/numbers/{claim.pk}/ask/")
        with in_school(north):
            links_sent.append(senders.outbox()[0].code.partition("localhost")[2])
            claim.refresh_from_db()
    first, second = links_sent
    assert person.get(first).status_code == 410
    assert f"上一次发出：{show.minute(claim.sent_at)}" in office.get(page).content.decode()
    for name in ("王伟", "王芳", "李伟", "李娜", "张敏"):
        assert person.post(second, {"answer": "yes", "name": name}).status_code == 400
    office.post(f"/accounts/numbers/{claim.pk}/ask/")
    with in_school(north):
        third = senders.outbox()[0].code.partition("localhost")[2]
    assert person.post(third, {"answer": "yes", "name": "李雷"}).status_code == 429


def test_a_stranger_with_the_number_says_no(north):
    with in_school(north):
        principal = alone()
        claim = colleague(principal)
        token = links.proof_for(claim)
    person = browser(host_of(north))
    link = f"/accounts/numbers/{claim.pk}/own/{token}/"
    assert person.post(link, {"answer": "no"}).status_code == 302
    assert person.get(link).status_code == 410
    with in_school(north):
        claim.refresh_from_db()
        assert claim.is_accepted is False
        with pytest.raises(actions.NumberUnknown):
            actions.reset_password(user=claim.user, by=principal, now=NOON, address=str)


def test_nobody_is_two_persons(north):
    """The own number is nobody else's; who is not known by a number can't give it away; no two first colleagues."""
    with in_school(north):
        principal = alone(phone=None)
        claim = colleague(principal, phone=MINE)
        with pytest.raises(number_actions.OwnNumberUnknown):
            ask(claim, principal)
        User.objects.filter(pk=principal.pk).update(phone=OTHER)
        principal.refresh_from_db()
        with pytest.raises(actions.PhoneTaken):
            colleague(principal, phone=OTHER)
        with pytest.raises(number_actions.OnYourOwnPhone):
            answer(claim, here=principal)
        second = colleague(principal, phone=THEIRS)
        for one in (claim, second):
            ask(one, principal)
        answer(claim)
        with pytest.raises(number_actions.NotYourAnswer):
            answer(second)
        with pytest.raises(number_actions.ClaimAnswered):
            answer(claim)


def test_who_sends_the_others_away_is_not_alone(north):
    """An office that had others: ended, or without roles now."""
    with in_school(north):
        principal, deputy = alone(), a_user(role=Role.DEPUTY)
        claim = colleague(principal)
        with pytest.raises(number_actions.NotYourAnswer):
            ask(claim, principal)
        User.objects.filter(pk=deputy.pk).update(last_login=NOON)
        actions.withdraw_role(assignment=deputy.assignments.get(), by=principal, now=NOON)
        with pytest.raises(number_actions.NobodyElse):
            ask(claim, principal)
        actions.deactivate_user(user=deputy, by=principal, now=NOON)
        with pytest.raises(number_actions.NobodyElse):
            ask(claim, principal)
    page = logged_in(host_of(north), principal.login).get(f"{USERS}{claim.user_id}/").content.decode()
    assert "afterbell account add --school" in page
    assert "把确认链接" not in page


def test_a_clerk_without_a_way_in_answers_nobody(north):
    """Made on the page with a login alone: the page says what to run instead of waiting for who can't come."""
    with in_school(north):
        principal = alone()
        bare = actions.create_user(login="bare", name="韩梅", by=principal, now=NOON)
        actions.assign_role(user=bare, role=Role.CLERK, by=principal, now=NOON)
        claim = colleague(principal)
        assert not queries.is_answerable(claim)
    page = logged_in(host_of(north), principal.login).get(f"{USERS}{claim.user_id}/").content.decode()
    assert "afterbell account add --school" in page


def test_parents_do_not_make_an_office(north):
    """A roster came first: the families' logins leave the principal alone."""
    with in_school(north):
        principal = alone()
        User.objects.filter(pk=a_user(role=Role.GUARDIAN).pk).update(last_login=NOON)
        claim = colleague(principal)
        assert queries.stood_alone(principal, claim.user)
        ask(claim, principal)


def test_rights_come_from_facts(north):
    """Not for a teacher, an account in use, by another than who entered it, or after either has ended."""
    with in_school(north):
        principal = alone()
        teacher = colleague(principal, role=Role.CARE_STAFF, phone=OTHER)
        with pytest.raises(number_actions.NotOfTheOffice):
            ask(teacher, principal)
        claim = colleague(principal)
        with pytest.raises(number_actions.NotYourAnswer):
            ask(claim, claim.user)
        ask(claim, principal)
        token = links.proof_for(claim)
        User.objects.filter(pk=principal.pk).update(is_active=False)
        with pytest.raises(actions.Inactive):
            answer(claim)
        User.objects.filter(pk=principal.pk).update(is_active=True)
        User.objects.filter(pk=claim.user_id).update(last_login=NOON)
        assert links.claim_for(claim.pk, token) is None
        with pytest.raises(number_actions.NobodyElse):
            answer(claim)


def test_a_link_opens_one_number_of_one_school(north, south):
    with in_school(north):
        principal = alone()
        first, second = colleague(principal), colleague(principal, phone=OTHER)
        token = links.proof_for(first)
        assert links.claim_for(second.pk, token) is None
        assert links.claim_for(first.pk, token + "x") is None
    assert browser(host_of(south)).get(f"/accounts/numbers/{first.pk}/own/{token}/").status_code == 410


def test_three_administrators_are_three_persons(db):
    """The city has who runs the machine."""
    with in_city():
        system = a_user(role=Role.SYSTEM_ADMIN, phone=MINE)
        with pytest.raises(number_actions.NobodyElse):
            ask(colleague(system, role=None), system)
