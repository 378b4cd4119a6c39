"""Writes clauses.md: which test shows which clause of the mission. Fails for a clause that is claimed and not cited.

    python infra/handbook/clauses.py           # writes the table
    python infra/handbook/clauses.py --check   # fails when the table is old or a claim has no test

A test cites a clause in its docstring ("S17"). CLAIMED is what we say is done; a clause is done when a person of the
named role can do it on a page, the service behind enforces it and a test shows it.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("clauses.md")
CLAUSE = re.compile(r"\bS([1-9]|[1-3][0-9]|4[0-8])\b")
CLAIMED: frozenset[int] = frozenset({1, 2, 3, 8, 12, 17, 18, 24})
HEAD = """# Clauses and the tests that show them

Made by `python infra/handbook/clauses.py`; don't edit. Clauses: mission of the project, numbered S1 to S48.
"claimed" means that we say it is done; "cited" alone means that a part of it is tested.

| Clause | | Tests |
|---|---|---|
"""


def main() -> int:
    found = citations()
    text = table(found)
    missing = sorted(CLAIMED - found.keys())
    if missing:
        sys.stderr.write(f"claimed and cited by no test: {', '.join(f'S{number}' for number in missing)}\n")
        return 1
    if "--check" in sys.argv:
        if TABLE.read_text() != text:
            sys.stderr.write("infra/handbook/clauses.md is old: run python infra/handbook/clauses.py\n")
            return 1
        return 0
    TABLE.write_text(text)
    return 0


def citations() -> dict[int, list[str]]:
    """Clause number → tests whose docstring names it."""
    found: dict[int, list[str]] = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, docstring in _tests(file):
            for number in sorted({int(match) for match in CLAUSE.findall(docstring)}):
                found[number].append(f"{file.relative_to(ROOT / 'tests')}::{name}")
    return found


def table(found: dict[int, list[str]]) -> str:
    rows = []
    for number in range(1, 49):
        tests = "<br>".join(f"`{test}`" for test in found.get(number, []))
        word = "claimed" if number in CLAIMED else "cited" if tests else "open"
        rows.append(f"| S{number} | {word} | {tests} |\n")
    return HEAD + "".join(rows)


def _tests(file: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, ast.get_docstring(node) or ""


if __name__ == "__main__":
    sys.exit(main())
