"""What was placed before each activity had its own turn: all or nothing, from the agreement's first day on."""

from datetime import timedelta
from importlib import import_module

from django.apps import apps
from django.db import connection
from django.utils import timezone

from schools.enrolment import holders
from schools.enrolment.models import ChosenActivity
from tenants.context import as_owner, in_school
from tests import makers
from tests.schools.enrolment import stage

CHECKS = ("placed_at_goes_with_placed_from", "place_is_held_since_it_was_given")


def test_older_choices_say_since_when(north):
    """Held ones, those that an exit gave to the next family, and those that never had a place."""
    with in_school(north):
        activity, today = makers.an_activity(stage.a_running_plan()), timezone.localdate()
        held = makers.an_agreement(plan=activity.plan)
        gone = makers.an_agreement(
            plan=activity.plan, state="ended", until_date=today, ended_at=timezone.now() - timedelta(hours=1)
        )
        waits = makers.an_agreement(plan=activity.plan).application
        waits.agreement.delete()
        waits.state, waits.waiting_since = "waiting", makers.NOON
        waits.save()
    with as_owner(north.schema_name), connection.cursor() as cursor:
        for check in CHECKS:
            cursor.execute(f"ALTER TABLE enrolment_chosenactivity DROP CONSTRAINT {check}")
    with in_school(north):
        for row, is_held in ((held.application, True), (gone.application, False), (waits, False)):
            ChosenActivity.objects.create(application=row, activity=activity, holds_place=is_held)
        import_module("schools.enrolment.migrations.0006_what_was_given").fill(apps, None)
        found = {row.application_id: row for row in ChosenActivity.objects.all()}
        assert found[held.application_id].placed_from == held.from_date
        assert found[held.application_id].ended_at is None
        assert found[gone.application_id].placed_from == gone.from_date
        assert found[gone.application_id].ended_at == gone.ended_at
        assert found[waits.pk].placed_from is None
        assert found[waits.pk].ended_at is None
        on_that_day = ChosenActivity.objects.filter(holders.on(today)).values_list("application", flat=True)
        assert set(on_that_day) == {held.application_id, gone.application_id}
