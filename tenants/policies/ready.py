"""The ready profiles: rules of the seed document, the state and six places, each value with its source."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("profiles")


@cache
def codes() -> tuple[str, ...]:
    """Codes of all ready profiles, by name."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.json")))


def document(code: str) -> dict[str, Any]:
    """A fresh copy of a ready profile's document; raises KeyError for an unknown code."""
    if code not in codes():
        raise KeyError(code)
    loaded: dict[str, Any] = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    return loaded


def source_of(profile: dict[str, Any]) -> str:
    """The sources of a document as one text, for the row's 依据."""
    return "\n".join(dict.fromkeys(remark["text"] for remark in profile["sources"]))
