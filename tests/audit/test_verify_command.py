"""`afterbell verify`: one line a schema, the first broken promise named, exit code 1."""

import argparse

import pytest
from django.db import connection, transaction

from afterbell.audit import actions as audit
from afterbell.audit import chain
from afterbell.audit.chain import verify as verify_lines
from tenants.commands import verify
from tenants.context import as_owner, in_city, in_school
from tenants.models import School
from tests.city import ISLAND, NOON, NORTH, SOUTH


def afterbell_verify(*words):
    parser = argparse.ArgumentParser()
    verify.add_arguments(parser)
    return verify.run(parser.parse_args(words))


@pytest.fixture
def entries(north, south):
    for place in (in_city(), in_school(north), in_school(south)):
        with place, transaction.atomic():
            for number in (1, 2, 3):
                audit.record(verb="test.thing.do", target=f"test.thing:{number}", by=None, at=NOON)


def tamper(school):
    with as_owner(school.schema_name), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE position = 2")


def test_a_whole_city_is_ok(entries, capsys):
    assert afterbell_verify() == 0
    out = capsys.readouterr().out.splitlines()
    assert out == ["public: OK", *(f"s_{code}: OK" for code in (NORTH, SOUTH, ISLAND))]


def test_the_broken_school_is_named_with_its_position_and_the_others_are_checked(entries, south, capsys):
    tamper(south)
    assert afterbell_verify() == 1
    out, err = capsys.readouterr()
    assert f"s_{SOUTH}: audit chain, position 2: the entry is missing" in out
    assert f"s_{ISLAND}: OK" in out
    assert err == "afterbell: a promise is broken in 1 place(s).\n"


def test_one_school_can_be_checked_alone(entries, south, capsys):
    tamper(south)
    assert afterbell_verify("--school", NORTH) == 0
    assert capsys.readouterr().out == f"s_{NORTH}: OK\n"
    assert afterbell_verify("--school", SOUTH) == 1


@pytest.mark.parametrize("code", ["3301029999", "x", "'; DROP TABLE x"])
def test_an_unknown_school_is_wrong_usage(db, code, capsys):
    assert afterbell_verify("--school", code) == 2
    assert "there is no school" in capsys.readouterr().err


def test_a_school_out_of_service_is_said_to_be_unchecked(entries, north, capsys):
    with transaction.atomic():
        School.objects.filter(pk=north.pk).update(state="archived", archived_at=NOON)
    assert afterbell_verify() == 0
    assert f"s_{NORTH}: not checked, it is archived" in capsys.readouterr().out
    assert afterbell_verify("--school", NORTH) == 1


def test_a_school_whose_table_is_gone_is_broken_not_a_crash(entries, north, capsys):
    with as_owner(north.schema_name), connection.cursor() as cursor:
        cursor.execute("DROP TABLE audit_head")
    assert afterbell_verify("--school", NORTH) == 1
    out = capsys.readouterr().out
    assert f"s_{NORTH}: audit chain, check chain_holds could not be finished: ProgrammingError: " in out


def test_the_exports_for_an_auditor_verify_by_themselves(entries, tmp_path):
    assert afterbell_verify("--export-audit", str(tmp_path / "out")) == 0
    files = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert files == ["public.jsonl", *(f"s_{code}.jsonl" for code in (NORTH, SOUTH, ISLAND))]
    lines = (tmp_path / "out" / f"s_{NORTH}.jsonl").read_text(encoding="utf-8").splitlines()
    assert str(verify_lines(lines)) == "3 entries, unbroken"
    assert chain.main([str(tmp_path / "out" / f"s_{NORTH}.jsonl")]) == 0


def test_checks_of_other_floors_are_plugged_in_by_name(entries, settings, capsys):
    settings.PROMISES = ("tests.audit.test_verify_command.never_kept",)
    assert afterbell_verify("--school", NORTH) == 1
    assert capsys.readouterr().out == f"s_{NORTH}: ledger, the sum is not zero\n"


def never_kept():
    return ["ledger, the sum is not zero"]


def breaks_off():
    """A row that was taken out left it without what it counts on; what it found before stays."""
    yield "ledger, a first finding"
    raise KeyError("张三")


def meets_another_type():
    with connection.cursor() as cursor:
        cursor.execute("SELECT '张三'::text::integer")
    yield "never said"


def test_a_check_that_breaks_off_is_a_finding_and_everything_else_goes_on(entries, settings, capsys):
    """Nothing of the row's content is said; the checks behind it and the schools behind it are made."""
    here = "tests.audit.test_verify_command"
    settings.PROMISES = tuple(f"{here}.{name}" for name in ("breaks_off", "meets_another_type", "never_kept"))
    assert afterbell_verify() == 1
    out = capsys.readouterr().out
    for place in ("public", f"s_{NORTH}", f"s_{SOUTH}", f"s_{ISLAND}"):
        assert [line for line in out.splitlines() if line.startswith(f"{place}: ")] == [
            f"{place}: ledger, a first finding",
            f"{place}: check {here} could not be finished: KeyError",
            f"{place}: check {here} could not be finished: DataError",
            f"{place}: ledger, the sum is not zero",
        ]
    assert "张三" not in out
