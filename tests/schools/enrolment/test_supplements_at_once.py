"""Supplements in threads with real commits: one tap counts, one place is given once, to whose turn it is."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction

from schools.enrolment import actions, refusals, supplement_actions
from schools.enrolment.models import Agreement, Application, ChosenActivity, Side, Supplement
from schools.planning.models import Activity
from tenants.context import in_school
from tests.schools.enrolment import stage
from tests.schools.enrolment.test_places import _at_once, real_commits  # noqa: F401  (a fixture)
from tests.schools.enrolment.test_supplements import Room

HOUR = timedelta(hours=1)


def test_two_taps_from_one_phone_make_one_supplement(real_commits):  # noqa: F811
    with in_school(real_commits):
        room = Room(real_commits)
    said = []

    def taps():
        with in_school(real_commits), transaction.atomic():
            try:
                said.append(room.asks().pk)
            except refusals.AlreadyChosen as refusal:
                said.append(refusal.supplement_id)

    assert _at_once([taps] * 4) == []
    with in_school(real_commits):
        assert set(said) == {Supplement.objects.get().pk}


def test_supplements_and_applications_for_one_last_place(real_commits):  # noqa: F811
    """S13: reviewed all at once, in whatever order: the first by time has it, nobody else."""
    with in_school(real_commits):
        room = Room(real_commits)
        families = [room.joins(name) for name in ("王小红", "赵小天", "孙小宇")]
        further = [room.asks(family, hours=6 - place) for place, family in enumerate(families)]
        forms = [
            stage.applied(real_commits, stage.a_family(), room.robots, at=stage.now() - (5.5 - place) * HOUR)
            for place in range(3)
        ]
        for row in further:
            room.says(row, Side.SCHOOL)
        for row in forms:
            actions.review(
                application=row, side=Side.SCHOOL, is_approval=True, by=room.sides[0], now=stage.now()
            )

    def second(deed, name, pk, model):
        with in_school(real_commits), transaction.atomic():
            row = model.objects.get(pk=pk)
            deed(**{name: row}, side=Side.COMMITTEE, is_approval=True, by=room.sides[1], now=stage.now())

    deeds = [
        *(
            lambda pk=row.pk: second(supplement_actions.review_supplement, "supplement", pk, Supplement)
            for row in further
        ),
        *(lambda pk=row.pk: second(actions.review, "application", pk, Application) for row in forms),
    ]
    assert _at_once(deeds) == []
    with in_school(real_commits):
        assert [room.state(row) for row in further] == ["placed", "waiting", "waiting"]
        assert {Application.objects.get(pk=row.pk).state for row in forms} == {"waiting"}
        assert Activity.objects.get(pk=room.robots.pk).taken == 1


def test_the_second_yes_and_the_exit_at_one_moment(real_commits):  # noqa: F811
    """In either order the agreement's end ends it, and no place is lost."""
    with in_school(real_commits):
        room = Room(real_commits)
        row = room.asks()
        room.says(row, Side.SCHOOL)

    def says():
        with in_school(real_commits), transaction.atomic(), suppress(refusals.AlreadyDecided):
            room.says(Supplement.objects.get(pk=row.pk), Side.COMMITTEE)

    def goes():
        with in_school(real_commits), transaction.atomic():
            actions.exit_agreement(
                agreement=Agreement.objects.get(), reason="", by=room.family.user, now=stage.now()
            )

    assert _at_once([says, goes]) == []
    with in_school(real_commits):
        assert room.state(row) == "ended"
        assert room.taken() == 0
        assert not ChosenActivity.objects.filter(ended_at=None).exists()
