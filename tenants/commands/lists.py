"""Lists as offices keep them: a CSV file from a spreadsheet, its columns named in English or Chinese."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LARGEST_BYTES = 10 * 1024 * 1024
Columns = Mapping[str, tuple[str, ...]]
"""Our names of the columns, each with the names that offices give it."""


class BadFile(ValueError):
    """The file as a whole can't be read; the text says what to do."""


@dataclass(frozen=True)
class Flaw:
    """What is wrong, where. Line 1 is the header."""

    line: int
    column: str
    reason: str


def text_of(path: Path) -> str:
    try:
        data = path.read_bytes() if path.stat().st_size <= LARGEST_BYTES else None
    except OSError as error:
        raise BadFile(f"{path} can't be read: {error.strerror}.") from error
    if data is None:
        raise BadFile(f"{path} is larger than {LARGEST_BYTES // 1_048_576} MB.")
    if data.startswith(b"PK"):
        raise BadFile(
            f"{path} is a workbook. Save it as CSV (UTF-8) in the spreadsheet program and try again."
        )
    for encoding in ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise BadFile(f"{path} is no text in UTF-8 or GB18030. Save it as CSV (UTF-8) and try again.")


def records(
    text: str, columns: Columns, clean: Callable[[str, str], str]
) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Line number with the values by column, or with what is wrong with the line itself."""
    lines = _lines(text)
    first = next(lines, None)
    if first is None or isinstance(first[1], str):
        raise BadFile(f"The list has no readable header. It needs the columns {', '.join(columns)}.")
    header = _header(first[1], columns)
    for line, values in lines:
        if isinstance(values, str):
            yield line, values
        elif not any(value.strip() for value in values):
            continue
        elif len(values) < len(header) or any(value.strip() for value in values[len(header) :]):
            yield line, f"has {len(values)} values, the header has {len(header)} columns"
        else:
            yield (
                line,
                {name: clean(name, value) for name, value in zip(header, values, strict=False) if name},
            )


def _lines(text: str) -> Iterator[tuple[int, list[str] | str]]:
    head = text.partition("\n")[0]
    delimiter = max(",\t;", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, 'a quotation mark (") is opened and not closed, or stands inside a value'


def _header(names: list[str], columns: Columns) -> list[str]:
    """Our column names in the file's order; '' for columns that we don't know."""
    known = {spelling: name for name, spellings in columns.items() for spelling in (name, *spellings)}
    header = [known.get(plain(name).lower(), "") for name in names]
    missing = [name for name in columns if name not in header]
    if missing:
        wanted = ", ".join(f"{name} ({columns[name][0]})" for name in missing)
        raise BadFile(f"The list lacks these columns: {wanted}.")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise BadFile(f"The list has these columns twice: {', '.join(twice)}.")
    return header


def plain(value: str) -> str:
    """Without the full-width digits and blanks that input methods leave."""
    return unicodedata.normalize("NFKC", value).strip().lstrip("\ufeff'")
