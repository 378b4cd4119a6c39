"""S24: a denial and an addition of the same person at the same moment: whoever comes second finds the first."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from afterbell.accounts.models import User
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from schools.people import adult_actions, denials, refusals
from schools.people.models import Pupil, Relation, Tie
from schools.people.rights import Rights
from schools.people.roster import actions as roster
from schools.people.roster import intake
from tenants import context
from tests import makers
from tests.city import NOON
from tests.properties import school_of_deeds
from tests.schools.people.books import book, take

ALIAS = "+8613700137000"


@pytest.fixture(scope="module")
def school(django_db_setup, django_db_blocker) -> Iterator:
    """A school in a database of its own, where what is done is committed."""
    with django_db_blocker.unblock(), school_of_deeds.own_database() as found:
        yield found


@pytest.fixture
def people(school):
    """A clerk, a child and its father 王强, as ids: each thread reads its own rows."""
    with context.in_school(school):
        pupil = makers.a_pupil(number=f"9{makers.number():05d}", name="李小明")
        father = makers.a_guardian(pupil, name="王强")
        return {"clerk": makers.a_user("clerk").pk, "child": pupil.pk, "tie": father.ties.get().pk}


def deny(people):
    tie = Tie.objects.get(pk=people["tie"])
    adult_actions.deny(tie=tie, reason="法院裁定", by=clerk(people), now=NOON)


def add(people, phone=ALIAS):
    adult_actions.add_adult(
        pupil=Pupil.objects.get(pk=people["child"]), name="王 强", phone=phone, relation=Relation.FATHER,
        may_sign=True, may_collect=True, by=clerk(people), now=NOON,
    )  # fmt: skip


def clerk(people):
    return User.objects.get(pk=people["clerk"])


def test_an_addition_during_a_denial_waits_and_is_refused(school, people):
    refused = one_during_the_other(school, lambda: deny(people), lambda: add(people))
    assert isinstance(refused, denials.DeniedBefore)
    assert rights(school, people) == []


def test_a_denial_during_an_addition_waits_and_takes_the_new_tie_with_it(school, people):
    phone = "+8613700137001"
    assert one_during_the_other(school, lambda: add(people, phone), lambda: deny(people)) is None
    assert rights(school, people) == []


def test_an_import_during_a_denial_waits_and_is_void(school, people):
    """The office says that 赵敏's number is really 王强's; at that moment somebody denies 王强."""
    with context.in_school(school):
        pupil = Pupil.objects.select_related("school_class").get(pk=people["child"])
        zhao = makers.a_guardian(pupil, name="赵敏")
        place = "一年级7班"
        data = book((pupil.number, "李小明", place, "王强", zhao.phone))
        given = {question.key: "same" for question in take(data).plan.questions}
        plan = intake.take(data, today=makers.FIRST, given=given).plan
        assert len(plan.renamed) == 1
    source = roster.Source(uuid7(), "名册.xlsx", "0" * 64)

    def apply():
        roster.apply(plan=plan, source=source, by=clerk(people), now=NOON, tick=intake.silent)

    assert isinstance(one_during_the_other(school, lambda: deny(people), apply), roster.Changed)
    assert rights(school, people) == ["赵敏"]
    with context.in_school(school):
        left_out = intake.take(data, today=makers.FIRST, given=given).plan.left_out
        assert [row.why for row in left_out] == ["denied"]


def changes(people, before=None, *, may_sign=False):
    tie = Tie.objects.get(pk=people["tie"])
    adult_actions.change_rights(
        tie=tie, before=before or Rights.of(tie), relation=Relation.FATHER, may_sign=may_sign, may_collect=True,
        reason="监护人书面要求", by=clerk(people), now=NOON,
    )  # fmt: skip


def test_rights_changed_during_a_denial_wait_and_are_refused(school, people):
    refused = one_during_the_other(school, lambda: deny(people), lambda: changes(people))
    assert isinstance(refused, denials.DeniedNow)
    assert rights(school, people) == []


def test_of_two_changes_at_once_the_second_hears_of_the_first(school, people):
    """Both clerks saw the same page; the second takes nothing back unseen."""
    with context.in_school(school):
        seen = Rights.of(Tie.objects.get(pk=people["tie"]))
    refused = one_during_the_other(
        school, lambda: changes(people, seen), lambda: changes(people, seen, may_sign=True)
    )
    assert isinstance(refused, refusals.CorrectedMeanwhile)
    with context.in_school(school):
        assert not Tie.objects.get(pk=people["tie"]).may_sign


def rights(school, people) -> list[str]:
    """Adults with any right over the child."""
    with context.in_school(school):
        live = Tie.objects.filter(pupil=people["child"]).exclude(may_sign=False, may_collect=False)
        return list(live.values_list("guardian__name", flat=True))


def one_during_the_other(school, first: Callable[[], None], second: Callable[[], None]) -> Refused | None:
    """The second begins when the first is done and not committed; the first commits when the second asks for a row's
    lock, or has ended. Returns how the second was refused."""
    asked = threading.Event()

    def note(execute, statement, params, many, around):
        if "people_pupil" in str(statement) and "FOR NO KEY UPDATE" in str(statement):
            asked.set()
        return execute(statement, params, many, around)

    def later() -> Refused | None:
        try:
            with context.in_school(school), connection.execute_wrapper(note), transaction.atomic():
                second()
        except Refused as refusal:
            return refusal
        finally:
            asked.set()
            connection.close()
        return None

    with ThreadPoolExecutor(1) as other:
        with context.in_school(school), transaction.atomic():
            first()
            doing = other.submit(later)
            assert asked.wait(30)
        return doing.result(30)
