"""Writes an .xls of before 2007 for tests: one stream of BIFF8 records in a compound file. No library does it any more."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SECTOR: Final = 512
END_OF_CHAIN, FREE, FAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
LARGE: Final = 4096
"""Smaller streams would lie among the small ones."""

Value = str | int | float | None


@dataclass(frozen=True)
class Formula:
    """A cell that Excel has computed; its value was this number."""

    value: float


def book(
    pages: Mapping[str, Sequence[Sequence[Value | Formula]]],
    *,
    merged: Sequence[tuple[int, int, int, int]] = (),
    hidden: Sequence[str] = (),
    password: bool = False,
    zeros: int = 0,
) -> bytes:
    """`merged`: first row, last row, first column, last column of every page. `zeros`: numbers are shown so wide."""
    bodies = [_page(rows, merged) for rows in pages.values()]
    sizes = [len(_bound(name, 0, 0)) for name in pages]
    front = _record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0))
    front += _record(0x2F, bytes(54)) if password else b""
    front += _record(0x42, struct.pack("<H", 1200))
    front += _record(0x41E, struct.pack("<H", 164) + _text("0" * max(zeros, 1), "<H"))
    front += b"".join(_record(0xE0, _style(164 if zeros and n == 15 else 0)) for n in range(16))
    at = len(front) + sum(sizes) + 4
    bounds = b""
    for name, body in zip(pages, bodies, strict=True):
        bounds += _bound(name, at, int(name in hidden))
        at += len(body)
    return _compound(front + bounds + _record(0x0A, b"") + b"".join(bodies))


def _page(rows: Sequence[Sequence[Value | Formula]], merged: Sequence[tuple[int, int, int, int]]) -> bytes:
    out = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            out += _cell(row, column, cell)
    if merged:
        ranges = b"".join(struct.pack("<HHHH", *edges) for edges in merged)
        out += _record(0xE5, struct.pack("<H", len(merged)) + ranges)
    return out + _record(0x0A, b"")


def _cell(row: int, column: int, cell: Value | Formula) -> bytes:
    place = struct.pack("<HHH", row, column, 15)
    if isinstance(cell, Formula):
        return _record(0x06, place + struct.pack("<dHI", cell.value, 0, 0) + struct.pack("<H", 0))
    if isinstance(cell, int | float):
        return _record(0x203, place + struct.pack("<d", cell))
    return _record(0x204, place + _text(cell, "<H")) if cell else b""


def _bound(name: str, at: int, state: int) -> bytes:
    return _record(0x85, struct.pack("<IBB", at, state, 0) + _text(name, "<B"))


def _style(shown: int) -> bytes:
    return struct.pack("<HHH", 0, shown, 0) + bytes(14)


def _text(text: str, size: str) -> bytes:
    return struct.pack(size, len(text)) + b"\x01" + text.encode("utf-16-le")


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _compound(stream: bytes) -> bytes:
    """Sector 0 and on: the table of sectors, the directory, the stream."""
    stream = stream.ljust(LARGE, b"\0")
    count = -(-len(stream) // SECTOR)
    tables = -(-(count + 1) // (SECTOR // 4 - 1))
    chain = [FAT_SECTOR] * tables + [END_OF_CHAIN]
    first = len(chain)
    chain += [*range(first + 1, first + count), END_OF_CHAIN]
    chain += [FREE] * (tables * SECTOR // 4 - len(chain))
    head = (
        bytes.fromhex("d0cf11e0a1b11ae1")
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
    )
    head += struct.pack("<IIIIIIIII", 0, tables, tables, 0, LARGE, END_OF_CHAIN, 0, END_OF_CHAIN, 0)
    head += b"".join(struct.pack("<I", n if n < tables else FREE) for n in range(109))
    root = _entry("Root Entry", 5, 1, END_OF_CHAIN, 0)
    directory = root + _entry("Workbook", 2, FREE, first, len(stream)) + 2 * _entry("", 0, FREE, 0, 0)
    body = (
        b"".join(struct.pack("<I", link) for link in chain) + directory + stream.ljust(count * SECTOR, b"\0")
    )
    return head + body


def _entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
    written = name.encode("utf-16-le")
    return (
        written.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(written) + 2 if name else 0, kind, 1, FREE, FREE, child)
        + bytes(36)
        + struct.pack("<III", first, size, 0)
    )
