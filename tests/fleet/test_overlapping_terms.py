"""A city whose terms overlapped before the rule: it is migrated, hears of it, and mends it on a page (S48)."""

import argparse
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from tenants import context, queries, term_actions
from tenants.commands import migrate
from tenants.models import Term
from tests.fleet.stage import NOON

AUTUMN = ("2025-2026-1", date(2025, 9, 1), date(2026, 1, 31))
SPRING = ("2025-2026-2", date(2026, 1, 20), date(2026, 7, 3))
NEXT = ("2026-2027-1", date(2026, 9, 1), date(2027, 1, 22))


@pytest.fixture
def old_city(fleet, monkeypatch):
    """As a version without the rule leaves one. The fleet's small city has no statistics and no plans."""
    monkeypatch.setattr(term_actions, "dotted", lambda _name: lambda *_words, **_more: [])

    @contextmanager
    def before(*terms):
        with context.as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE tenants_term DROP CONSTRAINT no_day_in_two_terms")
            cursor.execute("DELETE FROM django_migrations WHERE name = '0003_no_day_in_two_terms'")
            for code, first, last in terms:
                Term.objects.create(code=code, name=code, first_date=first, last_date=last)
        try:
            yield
        finally:
            with context.as_owner(), connection.cursor() as cursor:
                Term.objects.all().delete()
                cursor.execute("ALTER TABLE tenants_term DROP CONSTRAINT IF EXISTS no_day_in_two_terms")
                cursor.execute("DELETE FROM django_migrations WHERE name = '0003_no_day_in_two_terms'")
            migrate.run(argparse.Namespace(dry_run=False))

    return before


def add(code, first, last):
    return term_actions.add_term(code=code, name=code, first_date=first, last_date=last, by=None, now=NOON)


def test_a_city_with_overlapping_terms_is_migrated_and_hears_of_them(old_city, capsys):
    said = (
        "terms 2025-2026-1 (2025-09-01 to 2026-01-31) and 2025-2026-2 (2026-01-20 to 2026-07-03) overlap from 2026-01-20 to "
        "2026-01-31: change the dates of one on the page /terms/."
    )
    with old_city(AUTUMN, SPRING, NEXT):
        assert migrate.run(argparse.Namespace(dry_run=True)) == 0
        assert said in capsys.readouterr().out
        assert migrate.run(argparse.Namespace(dry_run=False)) == 0
        assert said in capsys.readouterr().out
        assert migrate.run(argparse.Namespace(dry_run=False)) == 0
        assert capsys.readouterr().out.count(said) == 1, "it is said until it is mended"
        with context.in_city():
            autumn = Term.objects.get(code=AUTUMN[0])
            given = {"term": autumn, "first_date": autumn.first_date, "by": None, "now": NOON}
            with pytest.raises(term_actions.TermsOverlap):
                term_actions.change_term(**given, name="x", last_date=date(2026, 1, 25))
            term_actions.change_term(**given, name="秋季学期", last_date=autumn.last_date)
            given["term"] = Term.objects.get(code=AUTUMN[0])
            term_actions.change_term(**given, name="秋季学期", last_date=date(2026, 1, 19))
            assert queries.overlapping_terms() == []
        capsys.readouterr()
        assert migrate.run(argparse.Namespace(dry_run=False)) == 0
        assert "overlap" not in capsys.readouterr().out


def test_what_did_not_overlap_is_under_the_rule(old_city):
    with old_city(AUTUMN, SPRING, NEXT):
        migrate.run(argparse.Namespace(dry_run=False))
        with context.in_city():
            with pytest.raises(IntegrityError, match="no_day_in_two_terms"), transaction.atomic():
                Term.objects.create(
                    code="2026-2027-2", name="x", first_date=NEXT[2], last_date=date(2027, 7, 1)
                )
            with pytest.raises(term_actions.TermsOverlap):
                add("2024-2025-2", date(2025, 2, 20), AUTUMN[1])


def test_a_city_in_order_has_the_whole_rule(old_city):
    with old_city(NEXT):
        assert migrate.run(argparse.Namespace(dry_run=False)) == 0
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'no_day_in_two_terms'"
            )
            ((text,),) = cursor.fetchall()
        assert "WHERE" not in text
