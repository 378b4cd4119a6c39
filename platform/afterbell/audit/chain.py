"""The audit chain on paper: the text that is hashed, the export, and a verifier that needs only an export.

Only the standard library is used, so that an auditor can run this one file anywhere:

    python chain.py export.jsonl [POSITION:HASH …]

Text of format 2, UTF-8, one line each, every line ended by LF; its SHA-256 in small hex is the entry's hash:

    afterbell-audit 2
    schema: s_3301020001
    position: 12
    at: 2026-09-01T04:00:00.000000+00:00
    by: 0198f1f6-…           (or - for the system)
    verb: finance.refund.approve
    target: finance.refund:0198f1f7-…
    details: {"amount_fen":5000}        (JSON, keys sorted by code point, no spaces, not escaped)
    seals: SHA-256 over the seals of the rows that were written (or - for none); audit.sealing says how
    before: the hash of position 11, 64 zeros before the first

Entries of format 1, from before rows were sealed, have no line for seals.

Export: JSON lines in the same JSON form. The first line is the header (`format`, `schema`, `head`), then one
line an entry by position. A head that was anchored elsewhere earlier, POSITION:HASH, proves that nothing up
to it was rewritten.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

FORMAT = 2
BEFORE_SEALS = 1
ZEROS = "0" * 64
HASH = r"^[0-9a-f]{64}$"
VERB = r"^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)+$"
TARGET = r"^[a-z][a-z0-9_.]*(:[A-Za-z0-9_.-]+)?$"
SHAPES: Mapping[str, tuple[type, ...]] = {
    "position": (int,),
    "at": (str,),
    "by": (str, type(None)),
    "verb": (str,),
    "target": (str,),
    "details": (dict,),
}


class Flaw(StrEnum):
    """What is wrong at a position."""

    UNREADABLE = "unreadable"
    GAP = "gap"
    FORK = "fork"
    CHANGED = "changed"
    CUT = "cut"
    BEYOND = "beyond"
    REWRITTEN = "rewritten"


SENTENCES = {
    Flaw.UNREADABLE: "the line is not in the form of the export",
    Flaw.GAP: "the entry is missing",
    Flaw.FORK: "the entry does not follow the one before it",
    Flaw.CHANGED: "the entry was changed: its hash is not the hash of its text",
    Flaw.CUT: "the chain ends before its head",
    Flaw.BEYOND: "the chain goes on after its head",
    Flaw.REWRITTEN: "the chain was rewritten: it has another hash than the anchored head",
}


@dataclass(frozen=True)
class Anchor:
    """A position and the hash that the chain had there."""

    position: int
    hash: str


@dataclass(frozen=True)
class Verdict:
    """How far the chain holds; without a flaw, `position` is its last one."""

    position: int
    flaw: Flaw | None = None

    @property
    def holds(self) -> bool:
        return self.flaw is None

    def __str__(self) -> str:
        if self.flaw is None:
            return f"{self.position} entries, unbroken"
        return f"position {self.position}: {SENTENCES[self.flaw]}"


def as_json(value: object) -> str:
    """The one JSON form of texts and exports."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def text_of(schema: str, entry: Mapping[str, Any]) -> str:
    """The text that is hashed, in the entry's own format, from its fields as they stand in an export."""
    seals = () if entry["format"] == BEFORE_SEALS else (f"seals: {entry['seals'] or '-'}",)
    lines = (
        f"afterbell-audit {entry['format']}",
        f"schema: {schema}",
        f"position: {entry['position']}",
        f"at: {entry['at']}",
        f"by: {entry['by'] or '-'}",
        f"verb: {entry['verb']}",
        f"target: {entry['target']}",
        f"details: {as_json(entry['details'])}",
        *seals,
        f"before: {entry['before']}",
    )
    return "".join(f"{line}\n" for line in lines)


def digest(schema: str, entry: Mapping[str, Any]) -> str:
    """SHA-256 of an entry's text."""
    return hashlib.sha256(text_of(schema, entry).encode()).hexdigest()


def header(schema: str, head: Anchor) -> dict[str, object]:
    """First line of an export."""
    return {"format": FORMAT, "schema": schema, "head": {"position": head.position, "hash": head.hash}}


def verify(lines: Iterable[str], anchors: Iterable[Anchor] = ()) -> Verdict:
    """Walk an export and name the first position at which it breaks a promise."""
    walk = iter(lines)
    first = _read(next(walk, ""))
    head = _head_of(first)
    if first is None or head is None:
        return Verdict(0, Flaw.UNREADABLE)
    known = {anchor.position: anchor.hash for anchor in anchors}
    before = Anchor(0, ZEROS)
    for line in walk:
        flaw = _flaw_of(line, first, before=before, known=known)
        if flaw is not None:
            return Verdict(before.position + 1, flaw)
        before = Anchor(before.position + 1, json.loads(line)["hash"])
    return _at_the_end(before, head, known)


def _flaw_of(line: str, first: Mapping[str, Any], *, before: Anchor, known: Mapping[int, str]) -> Flaw | None:
    entry = _entry(line)
    if entry is None or entry["format"] > first["format"]:  # an export has the format of its newest entries
        return Flaw.UNREADABLE
    if entry["position"] > before.position + 1:
        return Flaw.GAP
    if entry["position"] < before.position + 1:
        return Flaw.FORK
    if digest(str(first["schema"]), entry) != entry["hash"]:
        return Flaw.CHANGED
    if entry["before"] != before.hash:
        return Flaw.FORK
    if known.get(entry["position"], entry["hash"]) != entry["hash"]:
        return Flaw.REWRITTEN
    return None


def _at_the_end(end: Anchor, head: Anchor, known: Mapping[int, str]) -> Verdict:
    furthest = max([head.position, *known])
    if end.position < furthest:
        return Verdict(end.position + 1, Flaw.CUT)
    if end.position > head.position:
        return Verdict(head.position + 1, Flaw.BEYOND)
    if end.hash != head.hash or known.get(0, ZEROS) != ZEROS:
        return Verdict(end.position, Flaw.REWRITTEN)
    return Verdict(end.position)


def _read(line: str) -> dict[str, Any] | None:
    """The object of a line, unless a single byte of it is not in the one JSON form."""
    bare = line.removesuffix("\n")
    try:
        value = json.loads(bare)
        return value if isinstance(value, dict) and as_json(value) == bare else None
    except ValueError:
        return None


def _entry(line: str) -> dict[str, Any] | None:
    entry = _read(line)
    if entry is None or not _is_ours(entry):
        return None
    seals = set() if entry["format"] == BEFORE_SEALS else {"seals"}
    if set(entry) != {"format", "before", "hash", *SHAPES, *seals}:
        return None
    shaped = all(
        isinstance(entry[name], shape) and not isinstance(entry[name], bool) for name, shape in SHAPES.items()
    )
    hashes = [entry["before"], entry["hash"], *([entry["seals"]] if entry.get("seals") is not None else ())]
    return entry if shaped and all(_is_hash(value) for value in hashes) else None


def _is_ours(line: Mapping[str, Any]) -> bool:
    """`true` equals 1 in Python and is another byte in the file."""
    return type(line.get("format")) is int and line["format"] in (BEFORE_SEALS, FORMAT)


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(HASH, value) is not None


def _head_of(first: dict[str, Any] | None) -> Anchor | None:
    try:
        if first is None or set(first) != {"format", "schema", "head"} or not _is_ours(first):
            return None
        return Anchor(position=int(first["head"]["position"]), hash=str(first["head"]["hash"]))
    except (KeyError, TypeError, ValueError):
        return None


def main(arguments: Sequence[str]) -> int:
    """`python chain.py export.jsonl [POSITION:HASH …]`: 0 unbroken, 1 broken, 2 not called rightly."""
    try:
        file, *heads = arguments
        anchors = [Anchor(int(head.partition(":")[0]), head.partition(":")[2]) for head in heads]
        lines = Path(file).read_text(encoding="utf-8").split("\n")
    except (ValueError, OSError) as error:
        sys.stderr.write(f"usage: chain.py export.jsonl [POSITION:HASH …] ({error})\n")
        return 2
    verdict = verify(_without_end(lines), anchors)
    sys.stdout.write(f"{file}: {verdict}\n")
    return 0 if verdict.holds else 1


def _without_end(lines: Sequence[str]) -> Iterator[str]:
    """The file ends with LF: what follows the last one is no line."""
    yield from lines[:-1] if lines and lines[-1] == "" else lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
