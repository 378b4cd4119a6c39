"""Finds every message in Python files (as syntax) and in templates (as Django itself reads them)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.utils.translation.template import templatize

from afterbell.pages.words.messages import Key, Message

NAMES: Final = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}
_STRING: Final = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL: Final = re.compile(rf"\b(gettext|ngettext|pgettext|_)\({_STRING}(?:, {_STRING})?", re.DOTALL)


def messages_in(root: Path, folders: list[Path]) -> Iterator[Message]:
    """All messages below the folders; migrations and tests say nothing to anybody."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if "migrations" in path.parts:
                continue
            if path.suffix == ".py":
                yield from of_python(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
            elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
                yield from of_template(path.read_text(encoding="utf-8"), str(path.relative_to(root)))


def of_python(source: str, place: str) -> Iterator[Message]:
    """Calls of gettext and its kin with literal text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in NAMES:
            texts = [
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
            yield from _message(_name(node.func), texts, place)


def of_template(source: str, place: str) -> Iterator[Message]:
    """Translation tags and filters."""
    for match in _CALL.finditer(templatize(source, place)):
        texts = [ast.literal_eval(text) for text in match.groups()[1:] if text is not None]
        yield from _message(match.group(1), texts, place)


def _message(function: str, texts: list[str], place: str) -> Iterator[Message]:
    if not texts or not texts[-1]:
        return
    if function.startswith("pgettext"):
        yield Message(Key(texts[1], texts[0]), places=(place,))
    elif function.startswith("ngettext"):
        yield Message(Key(texts[0]), plural=texts[1], places=(place,))
    else:
        yield Message(Key(texts[0]), places=(place,))


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""
