"""Reads a list of districts: six digits and a name each; the first flaw is said with its line."""

from pathlib import Path

from tenants.commands.lists import BadFile, plain, records, text_of
from tenants.district_actions import NAME_MOST

COLUMNS = {
    "code": ("行政区划代码", "区县代码", "区划代码", "代码"),
    "name": ("区县名称", "区县", "行政区划", "名称"),
}
DIGITS = 6


def read(path: Path) -> list[tuple[str, str]]:
    """Code and name in the order of the file. Raises BadFile: a list with one flaw is no list."""
    found: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, record in records(text_of(path), COLUMNS, lambda _name, value: plain(value)):
        if isinstance(record, str):
            raise BadFile(f"{path}, line {line}: {record}.")
        code, name = record["code"], record["name"]
        trouble = _trouble(code, name)
        if code in found:
            trouble = f"code {code} is in line {lines[code]} already"
        if trouble:
            raise BadFile(f"{path}, line {line}: {trouble}.")
        found[code], lines[code] = name, line
    if not found:
        raise BadFile(f"{path} has no districts below its header.")
    return list(found.items())


def _trouble(code: str, name: str) -> str:
    if not code:
        return "the code is empty"
    if not (code.isascii() and code.isdigit() and len(code) == DIGITS):
        return f"code {code[:20]!r} is not {DIGITS} digits"
    if not name or len(name) > NAME_MOST or not name.isprintable():
        return f"the name must be one line of 1 to {NAME_MOST} characters"
    return ""
