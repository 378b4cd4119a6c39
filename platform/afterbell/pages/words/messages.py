"""Messages: one sentence that code or a template wants translated, and what its translation must keep."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

PLACEHOLDER: Final = re.compile(r"%\((\w+)\)([sd])|%%|\{(\w*)\}")


class Key(NamedTuple):
    """What gettext finds a message by."""

    text: str
    context: str = ""


@dataclass(frozen=True)
class Message:
    """A message of the source, or an entry of the catalogue with its translation (two forms when it has a plural)."""

    key: Key
    plural: str = ""
    translations: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return len(self.translations) == (2 if self.plural else 1) and all(self.translations)


def merged(found: Iterable[Message]) -> dict[Key, Message]:
    """One message a key, with all its places. A plural somewhere makes it one with a plural everywhere."""
    messages: dict[Key, Message] = {}
    for message in found:
        known = messages.get(message.key, message)
        places = tuple(sorted({*known.places, *message.places}))
        messages[message.key] = replace(known, plural=known.plural or message.plural, places=places)
    return messages


def taken_over(source: Mapping[Key, Message], catalogue: Mapping[Key, Message]) -> list[Message]:
    """The catalogue as it should be: all messages of the source, with the translations that there are."""
    known = {key: catalogue[key].translations for key in source if key in catalogue}
    kept = [replace(message, translations=known.get(key, ())) for key, message in source.items()]
    return sorted(kept, key=lambda message: (message.places[:1], message.key))


def faults(source: Mapping[Key, Message], catalogue: Mapping[Key, Message]) -> list[str]:
    """What is wrong with a catalogue, one line each: missing, obsolete, or with other placeholders."""
    missing = [
        f"no English: {key.text!r} ({source[key].places[0]})"
        for key in source
        if not _has(catalogue, source[key])
    ]
    obsolete = [f"nobody says this any more: {key.text!r}" for key in catalogue if key not in source]
    return [
        *missing,
        *obsolete,
        *(fault for message in catalogue.values() for fault in _placeholder_faults(message)),
    ]


def _has(catalogue: Mapping[Key, Message], message: Message) -> bool:
    entry = catalogue.get(message.key)
    return entry is not None and entry.plural == message.plural and entry.complete


def _placeholder_faults(message: Message) -> list[str]:
    wanted = placeholders(message.key.text)
    return [
        f"other placeholders: {message.key.text!r} → {text!r}"
        for text in message.translations
        if text and placeholders(text) != wanted
    ]


def placeholders(text: str) -> set[str]:
    """Named values in a sentence: %(name)s and {name}."""
    return {match.group(0) for match in PLACEHOLDER.finditer(text) if match.group(0) != "%%"}
