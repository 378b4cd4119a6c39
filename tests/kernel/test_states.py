"""Moving a state: only along the table, only from the state that was read, and only at home."""

from types import MappingProxyType

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps

from afterbell.kernel.records import Record, WrongSchool
from afterbell.kernel.states import MoveNotAllowed, StateMoved, move
from schools.people.models import SchoolClass
from tenants.context import in_school
from tenants.models import School
from tenants.states import MOVES, SchoolState
from tests.city import NOON

GRADES = MappingProxyType({1: frozenset({2}), 2: frozenset({3}), 3: frozenset()})


def stored(school):
    return School.objects.get(pk=school.pk)


def test_an_allowed_move_changes_row_and_object(north):
    move(north, to=SchoolState.ARCHIVED, moves=MOVES, at=NOON, also={"archived_at": NOON})
    assert (north.state, north.archived_at) == (SchoolState.ARCHIVED, NOON)
    assert (stored(north).state, stored(north).archived_at) == (SchoolState.ARCHIVED, NOON)


def test_a_move_that_is_not_in_the_table_is_refused_in_the_words_of_the_states(north):
    with pytest.raises(MoveNotAllowed, match="“运行中”，不能改为“开通中”"):
        move(north, to=SchoolState.OPENING, moves=MOVES, at=NOON)
    assert stored(north).state == SchoolState.ACTIVE


def test_staying_is_no_move(north):
    with pytest.raises(MoveNotAllowed):
        move(north, to=SchoolState.ACTIVE, moves=MOVES, at=NOON)


def test_a_state_that_the_table_does_not_know_leads_nowhere(north):
    with pytest.raises(MoveNotAllowed):
        move(north, to=SchoolState.ARCHIVED, moves={}, at=NOON)


def test_who_comes_second_is_refused_and_changes_nothing(north):
    second = stored(north)
    move(north, to=SchoolState.ARCHIVED, moves=MOVES, at=NOON, also={"archived_at": NOON})
    with pytest.raises(StateMoved, match="现在是“已归档”，不再是“运行中”") as refused:
        move(second, to=SchoolState.ARCHIVED, moves=MOVES, at=NOON, also={"name": "别的名称"})
    assert (refused.value.code, refused.value.status) == ("state.moved", 409)
    assert (second.state, second.name) == (SchoolState.ACTIVE, "湖滨区第一小学")
    assert stored(north).name == "湖滨区第一小学"


def test_a_row_that_is_not_there_is_refused(north):
    with in_school(north):
        row = SchoolClass(entry_year=2026, grade=1, number=1, name="一年级1班")
        with pytest.raises(StateMoved, match="已不存在"):
            move(row, to=2, moves=GRADES, at=NOON, field="grade")


def test_the_state_and_what_goes_with_it_change_together_or_not_at_all(north):
    with pytest.raises(IntegrityError), transaction.atomic():
        move(north, to=SchoolState.ARCHIVED, moves=MOVES, at=NOON)  # archived without archived_at
    assert (north.state, stored(north).state) == (SchoolState.ACTIVE, SchoolState.ACTIVE)


def test_a_row_of_one_school_cannot_be_moved_in_another(north, south):
    with in_school(north):
        row = SchoolClass.objects.create(entry_year=2026, grade=1, number=1, name="一年级1班")
    with in_school(south), pytest.raises(WrongSchool):
        move(row, to=2, moves=GRADES, at=NOON, field="grade")


@isolate_apps("tests")
def test_the_moment_of_the_move_is_kept_where_the_model_has_a_place_for_it(db):
    class Ticket(Record):
        state = models.CharField(max_length=10)
        state_at = models.DateTimeField(null=True)

        class Meta:
            app_label = "tests"

    with connection.schema_editor() as editor:
        editor.create_model(Ticket)
    ticket = Ticket.objects.create(state="new")
    move(ticket, to="done", moves={"new": frozenset({"done"})}, at=NOON)
    assert Ticket.objects.get().state_at == ticket.state_at == NOON
