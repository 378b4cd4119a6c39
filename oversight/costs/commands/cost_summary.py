"""`afterbell cost-summary`: the price bureau's file of a term, the same rows as the page and the API."""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from oversight.costs import files, pdf, queries, summary
from oversight.costs.report import Report
from oversight.scope import Reader, Scope
from tenants import context

SCOPE: Final = Scope(districts=None, reader=Reader.PRICE)
MAKERS: Final = {"csv": files.csv_bytes, "xlsx": files.xlsx_bytes, "pdf": pdf.pdf_bytes}
READABLE: Final = 0o666
"""As any new file: the user's mask takes away from it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--term", required=True, metavar="T", help="such as 2026-2027-1")
    parser.add_argument("--format", required=True, choices=sorted(MAKERS), help="kind of file")
    parser.add_argument("--out", required=True, metavar="F", type=Path, help="the file to write")
    parser.add_argument(
        "--district", default="", metavar="D", help="this district's schools only: six digits"
    )


def run(args: argparse.Namespace) -> int:
    """0 done, 1 when the file can't be written, 2 for a term or district that is not there."""
    with context.in_city():
        terms = {term.code: term.name for term in queries.terms()}
        districts = dict(queries.districts(SCOPE))
        if args.term not in terms:
            return _trouble(f"there is no term {args.term!r}; known: {', '.join(terms) or 'none'}.", 2)
        if args.district and args.district not in districts:
            return _trouble(
                f"there is no district {args.district!r}; known: {', '.join(districts) or 'none'}.", 2
            )
        found = summary.narrowed(summary.of_term(SCOPE, args.term), district=args.district)
    chosen = [("区县", districts[args.district])] if args.district else []
    report = Report(found, terms[args.term], districts, chosen)
    try:
        write_whole(args.out, MAKERS[args.format](report))
    except OSError as error:
        return _trouble(f"{args.out} can't be written: {error.strerror}.", 1)
    states = ", ".join(f"{state.value} {count:,}" for state, count in found.states.items())
    print(f"{len(found.rows):,} schools ({states}) in {args.out}")
    return 0


def write_whole(target: Path, content: bytes) -> None:
    """All of the file or nothing: a reader never finds half of it, and a failure leaves the old one."""
    if target.is_dir():
        raise IsADirectoryError(21, "it is a folder")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(READABLE & ~_mask())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _mask() -> int:
    """The only way to read it is to set it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _trouble(text: str, code: int) -> int:
    sys.stderr.write(f"afterbell: {text}\n")
    return code
