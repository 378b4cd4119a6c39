"""The verifier on paper: every way to tamper with an export, each with the position and the reason it must name."""

import hashlib
import json
import subprocess
import sys

import pytest

from afterbell.audit import chain
from afterbell.audit.chain import Anchor, Flaw, Verdict, as_json, verify
from tests.audit.stage import SCHEMA, anchor_at, entries, export_of


def changed(row, **fields):
    return {**row, **fields}


def rehashed(row, **fields):
    """Changed by somebody who knows how to compute the hash."""
    row = {**row, **fields}
    return {**row, "hash": chain.digest(SCHEMA, row)}


def test_the_hash_can_be_recomputed_by_hand():
    """The documented text, written out here once more: changing the form must be a new format."""
    text = (
        "afterbell-audit 2\n"
        "schema: s_3301020001\n"
        "position: 1\n"
        "at: 2026-09-01T04:01:00.000000+00:00\n"
        "by: 0198f1f6-0000-7000-8000-000000000001\n"
        "verb: finance.refund.approve\n"
        "target: finance.refund:1\n"
        'details: {"amount_fen":100}\n'
        f"seals: {1:064x}\n"
        f"before: {'0' * 64}\n"
    )
    (row,) = entries(1)
    assert chain.text_of(SCHEMA, row) == text
    assert row["hash"] == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_entries_from_before_seals_keep_their_text_and_their_place():
    """Format 1 has no line for seals; what follows is of format 2."""
    (row,) = entries(1)
    old = {name: value for name, value in row.items() if name not in {"seals", "hash"}} | {"format": 1}
    assert chain.text_of(SCHEMA, old).startswith("afterbell-audit 1\n")
    assert "seals" not in chain.text_of(SCHEMA, old)
    old["hash"] = chain.digest(SCHEMA, old)
    new = entries(1, since=Anchor(1, old["hash"]))
    assert verify(export_of([old, *new])) == Verdict(2)
    assert verify(export_of([rehashed(old, seals=None), *new])) == Verdict(1, Flaw.UNREADABLE)


def test_seals_are_part_of_what_is_hashed():
    first, second = entries(2)
    assert verify(export_of([changed(first, seals="f" * 64), second])) == Verdict(1, Flaw.CHANGED)
    assert verify(export_of([changed(first, seals=None), second])) == Verdict(1, Flaw.CHANGED)
    assert verify(export_of([changed(first, seals="f" * 63), second])) == Verdict(1, Flaw.UNREADABLE)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_an_honest_chain_holds(count):
    verdict = verify(export_of(entries(count)))
    assert verdict == Verdict(count)
    assert str(verdict) == f"{count} entries, unbroken"


def test_a_missing_entry_is_a_gap_where_it_should_stand():
    rows = entries(5)
    assert verify(export_of([*rows[:2], *rows[3:]])) == Verdict(3, Flaw.GAP)
    assert verify(export_of(rows[1:])) == Verdict(1, Flaw.GAP)


def test_a_cut_end_is_found_against_the_head():
    rows = entries(5)
    assert verify(export_of(rows[:4], head=anchor_at(rows, 5))) == Verdict(5, Flaw.CUT)
    assert verify(export_of([], head=anchor_at(rows, 5))) == Verdict(1, Flaw.CUT)


def test_entries_after_the_head_are_found():
    rows = entries(5)
    assert verify(export_of(rows, head=anchor_at(rows, 4))) == Verdict(5, Flaw.BEYOND)


def test_two_entries_for_one_position_are_a_fork():
    rows = entries(5)
    other = entries(1, since=anchor_at(rows, 2), verb="finance.refund.reject")
    assert verify(export_of([*rows[:3], *other, *rows[3:]])) == Verdict(4, Flaw.FORK)


def test_an_entry_that_names_another_predecessor_is_a_fork():
    rows = entries(5)
    stray = rehashed(rows[3], before="f" * 64)
    assert verify(export_of([*rows[:3], stray, rows[4]])) == Verdict(4, Flaw.FORK)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "2026-09-01T04:09:00.000000+00:00"),
        ("by", None),
        ("by", "0198f1f6-0000-7000-8000-000000000099"),
        ("verb", "finance.refund.reject"),
        ("target", "finance.refund:9"),
        ("details", {"amount_fen": 1}),
        ("before", "f" * 64),
        ("hash", "f" * 64),
    ],
)
def test_a_changed_field_is_found_at_its_entry(field, value):
    rows = entries(5)
    rows[2] = (
        changed(rows[2], **{field: value})
        if field != "by" or value
        else changed(rows[1], by=value, position=3)
    )
    assert verify(export_of(rows)) == Verdict(3, Flaw.CHANGED)


def test_an_entry_that_was_changed_and_hashed_again_breaks_the_next_one():
    rows = entries(5)
    rows[2] = rehashed(rows[2], details={"amount_fen": 1})
    assert verify(export_of(rows)) == Verdict(4, Flaw.FORK)


def test_swapped_entries_are_found_at_the_first():
    rows = entries(5)
    assert verify(export_of([rows[0], rows[2], rows[1], *rows[3:]])) == Verdict(2, Flaw.GAP)


def test_the_chain_of_one_school_does_not_pass_for_another():
    assert verify(export_of(entries(3), schema="s_3301020002")) == Verdict(1, Flaw.CHANGED)


def test_a_chain_that_was_rewritten_whole_is_caught_by_an_anchored_head():
    """Somebody with all rights on the database makes a new, consistent past: only an anchor elsewhere shows it."""
    rows = entries(5)
    forged = [*rows[:2], *entries(3, since=anchor_at(rows, 2), verb="finance.refund.reject")]
    assert verify(export_of(forged)).holds
    assert verify(export_of(forged), [anchor_at(rows, 4)]) == Verdict(4, Flaw.REWRITTEN)
    assert verify(export_of(forged), [anchor_at(rows, 2)]).holds


def test_a_chain_that_was_shortened_with_its_head_is_caught_by_an_anchored_head():
    rows = entries(5)
    assert verify(export_of(rows[:3])).holds
    assert verify(export_of(rows[:3]), [anchor_at(rows, 5)]) == Verdict(4, Flaw.CUT)


def test_a_head_with_another_hash_is_found():
    rows = entries(5)
    assert verify(export_of(rows, head=Anchor(5, "f" * 64))) == Verdict(5, Flaw.REWRITTEN)
    assert verify(export_of([], head=Anchor(0, "f" * 64))) == Verdict(0, Flaw.REWRITTEN)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not json",
        "[]",
        "{}",
        "null",
        '{"position":3}',
        as_json({**entries(3)[2], "format": 3}),
        as_json({**entries(3)[2], "position": "3"}),
        as_json({**entries(3)[2], "position": True}),
        as_json({**entries(3)[2], "more": 1}),
        as_json({**entries(3)[2], "hash": "f" * 63}),
        as_json({**entries(3)[2], "hash": "f" * 64 + "\n"}),
        json.dumps(entries(3)[2]),  # blanks after commas
        as_json(entries(3)[2]) + " ",
        as_json(entries(3)[2]).replace('{"amount', '{"amount_fen":1,"amount'),  # a key twice
    ],
)
def test_a_line_in_another_form_is_unreadable(line):
    lines = export_of(entries(3))
    assert verify([*lines[:3], line]) == Verdict(3, Flaw.UNREADABLE)


@pytest.mark.parametrize(
    "first",
    [
        "",
        "x",
        "{}",
        '{"format":3,"head":{"hash":"","position":0},"schema":"s"}',
        '{"format":1,"head":3,"schema":"s"}',
    ],
)
def test_an_export_without_its_header_is_unreadable(first):
    assert verify([first, *export_of(entries(3))[1:]]) == Verdict(0, Flaw.UNREADABLE)
    assert verify(export_of(entries(3))[1:]) == Verdict(0, Flaw.UNREADABLE)
    assert verify([]) == Verdict(0, Flaw.UNREADABLE)


def test_an_auditor_needs_only_the_one_file_and_the_export(tmp_path):
    rows = entries(3)
    export = tmp_path / "export.jsonl"

    def auditor(*words):
        return subprocess.run(
            [sys.executable, "-I", chain.__file__, str(export), *words], capture_output=True, text=True
        )

    export.write_text("".join(f"{line}\n" for line in export_of(rows)), encoding="utf-8")
    assert (auditor().returncode, auditor().stdout.strip()) == (0, f"{export}: 3 entries, unbroken")
    assert auditor(f"2:{rows[1]['hash']}").returncode == 0
    assert "position 2: the chain was rewritten" in auditor(f"2:{'f' * 64}").stdout
    export.write_text(
        "".join(f"{line}\n" for line in export_of(rows[:2], head=anchor_at(rows, 3))), encoding="utf-8"
    )
    assert (auditor().returncode, "position 3: the chain ends" in auditor().stdout) == (1, True)
    export.unlink()
    assert auditor().returncode == 2
    assert "usage" in auditor().stderr
