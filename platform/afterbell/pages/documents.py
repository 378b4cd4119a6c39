"""Documents as PDF: a typst template and data. Data goes in as JSON, never by pasting, so markup in it stays text."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

TEMPLATES: Final = Path(__file__).parent / "documents"
FONT_FOLDERS: Final = ("400Regular", "700Bold")
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Stands in files whose caller gives no moment: the same data give the same bytes, so that a hash means something."""


class NoFont(Exception):
    """The font package is missing: set-up has not run to its end."""


def render_pdf(template: str, data: Mapping[str, Any], *, at: datetime = BEGINNING) -> bytes:
    """The PDF of one template in pages/documents, such as "letter"; the template finds `data` in house.typ.

    `at` is the moment of creation that stands in the file: the moment of the recorded fact, not of the download.
    Raises NoFont, FileNotFoundError for an unknown template, TypeError for data that JSON does not know.
    """
    if not re.fullmatch(r"[a-z][a-z_]*", template):
        raise FileNotFoundError(f"{template!r} is no document's name")
    source = TEMPLATES / f"{template}.typ"
    if not source.exists():
        raise FileNotFoundError(source.name)
    made = typst.compile(
        str(source),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
    )
    return bytes(made)


@cache
def _fonts() -> typst.Fonts:
    """Noto Sans SC, regular and bold, read once."""
    folder = settings.NODE_MODULES / "@expo-google-fonts" / "noto-sans-sc"
    paths = [folder / name for name in FONT_FOLDERS]
    if not all(any(path.glob("*.ttf")) for path in paths):
        raise NoFont(f"no Chinese font under {folder}; run make setup")
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path) for path in paths]
    )
