"""Reads and writes a gettext catalogue (.po) and compiles it (.mo): the parts of the formats that we use."""

import ast
import json
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from afterbell.pages.words.messages import Key, Message

HEADER: Final = (
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Language: en\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)
MAGIC: Final = 0x950412DE


class BadCatalogue(Exception):
    """A line of the .po file that can't be read."""


def read(text: str) -> dict[Key, Message]:
    """Entries of a .po file without its header."""
    messages = [_entry(block) for block in text.split("\n\n") if block.strip()]
    keys = [message.key for message in messages]
    twice = {key.text for key in keys if keys.count(key) > 1}
    if twice:
        raise BadCatalogue(f"said twice: {sorted(twice)}")
    return {message.key: message for message in messages if message.key.text}


def written(messages: Iterable[Message]) -> str:
    """The text of a .po file."""
    header = 'msgid ""\nmsgstr ""\n' + "\n".join(_quoted(line + "\n") for line in HEADER.splitlines())
    return "\n\n".join([header, *map(_block, messages)]) + "\n"


def compiled(messages: Mapping[Key, Message]) -> bytes:
    """The .mo file: two sorted tables of lengths and offsets, then the strings (gettext's manual, "MO Files")."""
    pairs = sorted(
        [(b"", HEADER.encode()), *(_pair(message) for message in messages.values() if message.complete)]
    )
    ids = b"".join(key + b"\0" for key, _text in pairs)
    texts = b"".join(text + b"\0" for _key, text in pairs)
    start = 7 * 4 + 16 * len(pairs)
    tables = [
        *_table([key for key, _text in pairs], start),
        *_table([text for _key, text in pairs], start + len(ids)),
    ]
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return head + struct.pack(f"<{len(tables)}I", *tables) + ids + texts


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    half = path.with_suffix(path.suffix + ".new")
    half.write_bytes(content)
    half.replace(path)


def _entry(block: str) -> Message:
    fields: dict[str, str] = {}
    places: list[str] = []
    name = ""
    for line in block.strip().splitlines():
        if line.startswith("#"):
            places += [line[2:].strip()] if line.startswith("#:") else []
            continue
        word, _space, rest = line.partition(" ")
        name, literal = (word, rest) if not line.startswith('"') else (name, line)
        try:
            fields[name] = fields.get(name, "") + ast.literal_eval(literal)
        except (SyntaxError, ValueError):
            raise BadCatalogue(line) from None
    forms = tuple(fields[form] for form in ("msgstr", "msgstr[0]", "msgstr[1]") if form in fields)
    key = Key(fields.get("msgid", ""), fields.get("msgctxt", ""))
    return Message(key, fields.get("msgid_plural", ""), tuple(form for form in forms if form), tuple(places))


def _block(message: Message) -> str:
    lines = [f"#: {place}" for place in message.places]
    if message.key.context:
        lines.append(f"msgctxt {_quoted(message.key.context)}")
    lines.append(f"msgid {_quoted(message.key.text)}")
    if message.plural:
        one, many = message.translations if len(message.translations) == 2 else ("", "")
        lines += [
            f"msgid_plural {_quoted(message.plural)}",
            f"msgstr[0] {_quoted(one)}",
            f"msgstr[1] {_quoted(many)}",
        ]
    else:
        lines.append(f"msgstr {_quoted(message.translations[0] if message.translations else '')}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _pair(message: Message) -> tuple[bytes, bytes]:
    context = f"{message.key.context}\x04" if message.key.context else ""
    plural = f"\0{message.plural}" if message.plural else ""
    return f"{context}{message.key.text}{plural}".encode(), "\0".join(message.translations).encode()


def _table(strings: list[bytes], start: int) -> list[int]:
    numbers: list[int] = []
    for string in strings:
        numbers += [len(string), start]
        start += len(string) + 1
    return numbers
