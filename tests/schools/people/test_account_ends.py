"""A parent's account is not ended by one click: with a reason, told to the parent and the others, undone as well."""

import pytest

from afterbell.accounts import actions as accounts
from afterbell.accounts.models import User
from schools.notices.models import Dispatch
from schools.people.models import Change
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.people.stage import client_of, parent

WHY = "本人书面要求"


@pytest.fixture
def stage(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        ming = makers.a_pupil(name="李小明")
        return {
            "ming": ming,
            "alice": parent(ming, name="李静"),
            "bob": parent(ming, name="李强"),
            "clerk": makers.a_user("clerk", name="周老师"),
            "principal": makers.a_user("principal"),
        }


def rung(guardian) -> int:
    return Dispatch.objects.filter(delivery__guardian=guardian).count()


def test_it_takes_a_reason_is_told_and_stands_in_the_history(stage, north):
    user = stage["alice"].user
    by = client_of(north, stage["principal"])
    at = f"/accounts/users/{user.pk}/deactivate/"
    assert "停用的原因" in by.get(at).content.decode()
    assert by.post(at, {"reason": " "}).status_code == 400
    assert by.post(at, {"reason": WHY}).status_code == 302
    assert by.post(at, {"reason": WHY}).status_code == 400
    with in_school(north):
        assert not User.objects.get(pk=user.pk).is_active
        row = Change.objects.get()
        assert (row.kind, row.guardian, row.reason, row.by) == (
            "login_ended",
            stage["alice"],
            WHY,
            stage["principal"],
        )
        assert (rung(stage["alice"]), rung(stage["bob"])) == (1, 1)
    assert WHY in by.get(f"/desk/pupils/{stage['ming'].pk}/").content.decode()
    for _twice in range(2):
        assert by.post(f"/accounts/users/{user.pk}/reactivate/").status_code == 302
    with in_school(north):
        assert User.objects.get(pk=user.pk).is_active
        assert list(Change.objects.order_by("at", "pk").values_list("kind", flat=True)) == [
            "login_ended",
            "login_again",
        ]
        assert (rung(stage["alice"]), rung(stage["bob"])) == (2, 2)


def test_the_deed_itself_refuses_without_a_reason(stage, north):
    with in_school(north):
        with pytest.raises(accounts.NoEndReason):
            accounts.deactivate_user(user=stage["alice"].user, by=stage["principal"], now=NOON)
        accounts.deactivate_user(user=stage["clerk"], by=stage["principal"], now=NOON)
        assert not Change.objects.exists()
