"""Reads the words of a PDF that typst wrote: page content through each font's ToUnicode table. For tests only."""

import re
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
PART = rb"[^()\\]|\\."
SHOWN = re.compile(  # brackets that are balanced may stand in a string as they are
    rb"/(f\d+) [\d.]+ Tf|\((?P<text>(?:" + PART + rb"|\((?:" + PART + rb")*\))*)\)|<(?P<hex>[0-9A-Fa-f]+)>",
    re.DOTALL,
)
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def words(pdf: bytes) -> str:
    """All text of all pages, without spaces and line ends."""
    objects = {int(number): body for number, body in OBJECT.findall(pdf)}
    fonts = {name: _table(objects, int(number)) for name, number in _fonts(objects)}
    pages = [int(number) for body in objects.values() for number in re.findall(rb"/Contents (\d+) 0 R", body)]
    text = "".join(_page(_stream(objects[number]), fonts) for number in pages)
    return re.sub(r"\s", "", text)


def _fonts(objects):
    for body in objects.values():
        found = re.search(rb"/Font<<(.*?)>>", body)
        if found:
            yield from re.findall(rb"/(f\d+) (\d+) 0 R", found.group(1))


def _stream(body):
    packed = re.search(rb"stream\r?\n(.*)\r?\nendstream", body, re.DOTALL).group(1)
    return zlib.decompress(packed) if b"FlateDecode" in body[: body.index(b"stream")] else packed


def _table(objects, font):
    cmap = _stream(objects[int(re.search(rb"/ToUnicode (\d+)", objects[font]).group(1))]).decode()
    table = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for glyph, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            table[int(glyph, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            start = ord(bytes.fromhex(text).decode("utf-16-be"))
            table |= {int(first, 16) + n: chr(start + n) for n in range(int(last, 16) - int(first, 16) + 1)}
    return table


def _page(content, fonts):
    out, table = [], {}
    for match in SHOWN.finditer(content):
        if match.group(1):
            table = fonts[match.group(1)]
        else:
            raw = bytes.fromhex(match["hex"].decode()) if match["hex"] else ESCAPE.sub(_plain, match["text"])
            out += [table.get(int.from_bytes(raw[n : n + 2], "big"), "") for n in range(0, len(raw), 2)]
    return "".join(out)


def _plain(match):
    code = match.group(1)
    return bytes([int(code, 8)]) if code[:1].isdigit() else LETTERS.get(code, code)
