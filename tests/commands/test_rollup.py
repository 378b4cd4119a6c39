"""`afterbell rollup`: facts now, for one school or all; drift is counted and makes it fail."""

import argparse

from afterbell.outbox import actions as outbox
from oversight.facts.commands import rollup
from oversight.facts.models import TermFact
from schools.people.models import Pupil
from tenants.context import in_school
from tests import makers
from tests.city import NOON, NORTH


def run(*words):
    parser = argparse.ArgumentParser()
    rollup.add_arguments(parser)
    return rollup.run(parser.parse_args(words))


def test_one_school_is_brought_up_to_date(north, capsys):
    with in_school(north):
        makers.a_consultation()
        outbox.mark(now=NOON, terms=[makers.TERM])
    assert run("--school", NORTH) == 0
    assert "1 rows of 1 schools" in capsys.readouterr().out
    assert TermFact.objects.get(school=north).consultation_asked == 100


def test_a_change_that_nobody_marked_is_drift(north, capsys):
    with in_school(north):
        makers.a_consultation()
        outbox.mark(now=NOON, terms=[makers.TERM])
    run("--school", NORTH)
    with in_school(north):
        makers.a_pupil()
        assert Pupil.objects.count() == 1
    assert run("--school", NORTH, "--full") == 1
    assert "drift 2" in capsys.readouterr().out  # the term, and the class that the child is in
    assert run("--school", NORTH, "--full") == 0


def test_an_unknown_school_is_said(db, capsys):
    assert run("--school", "9999999999") == 2
    assert "no active school" in capsys.readouterr().err
