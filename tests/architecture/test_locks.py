"""Rows are locked in one place, and actions decide on rows that they have read again."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_house import ROOT

ROOMS = ("platform/afterbell", "tenants", "schools", "oversight", "dashboards")
RAW = {
    "platform/afterbell/kernel/locks.py": "the one place",
    "platform/afterbell/audit/actions.py": "the end of the chain: always last, in no order but its own",
    "oversight/facts/actions.py": "facts of one school, locked by their own key under that school's pulse",
}
"""Where `select_for_update` may stand, and why."""
HANDED = {
    "tenants/provisioning.py": "one operator opens, archives and restores schools by command",
}
"""Where a state may be moved on an object as it was handed, and why."""
ROW = "row"
"""What a private function calls a row that its caller has read again; nobody hands one to a public action."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def test_rows_are_locked_by_locks_alone():
    found = {name for name, tree in sources() if raw_locks(tree)}
    assert found - RAW.keys() == set()


def test_no_state_is_moved_on_an_object_that_was_handed_in():
    found = [
        f"{name}: {line}"
        for name, tree in sources()
        if is_of_actions(name) and not any(name.startswith(part) for part in HANDED)
        for line in moved_as_handed(tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "guilty"),
    [
        ("def end(*, plan):\n    states.move(plan, to=1)", ["end moves plan"]),
        ("def end(*, row):\n    states.move(row, to=1)", ["end moves row"]),
        ("def _end(plan):\n    move(plan, to=1)", ["_end moves plan"]),
        ("def _end(row):\n    move(row, to=1)", []),
        ("def end(*, plan):\n    row = locks.locked(plan)\n    states.move(row, to=1)", []),
        ("def end(*, plan):\n    plan = locks.locked(plan)\n    states.move(plan, to=1)", ["end moves plan"]),
    ],
)
def test_what_is_handed_in_is_seen(code, guilty):
    assert moved_as_handed(ast.parse(code)) == guilty


@pytest.mark.parametrize(
    ("code", "found"),
    [("Plan.objects.select_for_update().get(pk=1)", 1), ("locks.locked(plan)", 0)],
)
def test_a_raw_lock_is_seen(code, found):
    assert len(raw_locks(ast.parse(code))) == found


def is_of_actions(name: str) -> bool:
    path = Path(name)
    return path.stem.endswith("actions") or "actions" in path.parts or path.name == "provisioning.py"


def raw_locks(tree: ast.AST) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "select_for_update"
    ]


def moved_as_handed(tree: ast.AST) -> list[str]:
    return [
        f"{function.name} moves {moved}"
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for moved in moves_in(function)
        if moved in handed_to(function)
    ]


def handed_to(function: ast.FunctionDef) -> set[str]:
    given = function.args
    names = {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    return names - {ROW} if function.name.startswith("_") else names


def moves_in(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"states.move", "move"} and node.args:
            yield ast.unparse(node.args[0])
