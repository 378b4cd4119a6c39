"""Books from before runs, brought up to date: a real migrate of one school's schema, back to 0002 and forward again."""

from datetime import date

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from schools.care.models import RollEntry, Session
from schools.finance import actions, promises, runs
from schools.finance.models import Calculation
from tenants import context, roles
from tenants.context import in_school
from tenants.policies import ready
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_charged_once import a_second_agreement, charge, leaves
from tests.schools.finance.test_runs_undone import doubled_family

BEFORE_RUNS = "0002_two_persons_and_proofs"
NEW_TABLES = ("finance_calculation", "finance_chargerun", "finance_addedhours", "finance_waiver")


def as_before_runs(school):
    """Back and forward as the schema's owner; what the tests wrote is checked first, so that no trigger waits."""
    with context.as_owner(school.schema_name):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        newest = MigrationExecutor(connection).loader.graph.leaf_nodes("finance")
        for wanted in ([("finance", BEFORE_RUNS)], newest):
            MigrationExecutor(connection).migrate(wanted)
        with connection.cursor() as cursor:
            for statement in roles.grant_tables(school.schema_name, NEW_TABLES):
                cursor.execute(statement)


def a_leaver(plan, activity, them):
    """Left on 23 September: 5 of 18 lessons were left, 16.80."""
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    charge(plan, them, "2026-09", agreements=[family.pk])
    leaves(family, date(2026, 9, 23))
    return family


def an_absent_child(plan, activity, them):
    """Three lessons of September, 10.08; October is charged, too."""
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    for session in Session.objects.order_by("date")[:3]:
        RollEntry.objects.create(session=session, agreement=family, pupil=family.pupil, state="absent")
    for month in ("2026-09", "2026-10"):
        charge(plan, them, month, agreements=[family.pk])
    actions.refund_absences(plan=plan, period="2026-09", by=them.clerk, now=stage.NEXT)
    return family


def test_older_books_know_what_was_given_back_and_let_a_doubled_charge_be_undone(north):
    """One migrate for all of it: the returning child's cap, absences on their month, a charge that no run can undo."""
    stage.the_term(refund=ready.document("ezhou")["refund"])
    with in_school(north):
        them = stage.people()
        twice, first, second = doubled_family(them)
        plan = twice.plan
        activity = makers.an_activity(plan)
        stage.sessions(activity, date(2026, 9, 7), 18, state="closed")
        left, absent = a_leaver(plan, activity, them), an_absent_child(plan, activity, them)
        assert left.charges.get().credited_fen == 1680
    as_before_runs(north)
    with in_school(north):
        row = left.charges.get()
        assert (row.run, row.credited_fen) == (None, 1680)
        rows = absent.charges.order_by("period")
        assert [each.credited_fen for each in rows] == [1008, 0]
        assert {each.credit_fen for each in Calculation.objects.all()} == {1680, 1008}
        again = a_second_agreement(left, date(2026, 9, 24))
        (line,) = runs.draft(plan, "2026-09", only=[again.pk]).lines
        assert line.gross == 1680  # and not 0: what came back can be charged again
        charge(plan, them, "2026-09", agreements=[again.pk])
        assert "stand for the same days" in promises.broken_promise()
        actions.take_back_doubled(charge=second, reason="九月重复", by=them.clerk, now=stage.NEXT)
        first.refresh_from_db()
        assert not first.covers.isempty
        assert promises.broken_promise() is None
