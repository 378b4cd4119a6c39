"""Command line of the catalogue: collect new messages, check that English is complete, compile it."""

import argparse
import sys
from pathlib import Path

from afterbell.pages.words import catalogue, collect, messages

ROOT = Path(__file__).resolve().parents[4]
FOLDERS = ("platform/afterbell", "tenants", "schools", "oversight", "dashboards")
PO = Path(__file__).resolve().parents[1] / "locale" / "en" / "LC_MESSAGES" / "django.po"


def source() -> dict[messages.Key, messages.Message]:
    """Every message of the house."""
    folders = [ROOT / name for name in FOLDERS if (ROOT / name).is_dir()]
    return messages.merged(collect.messages_in(ROOT, folders))


def known() -> dict[messages.Key, messages.Message]:
    """The English catalogue."""
    return catalogue.read(PO.read_text(encoding="utf-8")) if PO.exists() else {}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m afterbell.pages.words", description=__doc__)
    parser.add_argument("what", choices=("collect", "check", "compile"))
    what = parser.parse_args().what
    if what == "compile":
        catalogue.put(PO.with_suffix(".mo"), catalogue.compiled(known()))
        return 0
    if what == "collect":
        text = catalogue.written(messages.taken_over(source(), known()))
        catalogue.put(PO, text.encode())
    found = messages.faults(source(), known())
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found and what == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
