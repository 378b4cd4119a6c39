"""A chart with its table: the same numbers twice, the answer as title, and notes. No chart without them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.functional import Promise
from django.utils.html import json_script
from django.utils.safestring import SafeString

Text = str | Promise


class Dense(DjangoJSONEncoder):
    """Without spaces, and Chinese as itself: a page with two charts stays small."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**(options | {"ensure_ascii": False, "separators": (",", ":")}))


class Note(NamedTuple):
    """A line under a chart: definition, n, source, age."""

    label: Text
    text: Text


@dataclass(frozen=True)
class Chart:
    """One question and its answer.

    `figure` is Plotly's figure as JSON text (`figure.to_json()`) or as a mapping, without template: colours, type and
    axes are put on in the browser (charts.js). A trace with a role in `meta` gets its colour: "city", "school", "good",
    "warn", "bad", "limit".
    """

    id: str
    question: Text
    answer: Text
    figure: str | Mapping[str, Any]
    columns: Sequence[Any]
    """Headers: texts, or columns of pages.sheets, which say themselves whether they hold text."""
    rows: Sequence[Sequence[Text]]
    """Cells as they are to be read: formatted numbers or one of the symbols 0 c x –."""
    notes: Sequence[Note] = ()
    csv_url: str = ""
    xlsx_url: str = ""
    link: str = ""
    empty: Text = ""
    more: Sequence[Any] = ()
    """Where to look deeper: things with text and url."""
    size: str = ""
    """`tall` for many bars, `long` for rows of two lines, `low` for one row."""

    @property
    def lines(self) -> list[list[tuple[Text, bool]]]:
        """Cells with whether they are text: numbers stand at the right."""
        is_text = [bool(getattr(column, "is_text", False)) for column in self.columns]
        return [list(zip(row, is_text, strict=True)) for row in self.rows]

    @property
    def data_block(self) -> SafeString:
        """The figure as a data block, which a Content-Security-Policy does not count as a script."""
        figure = json.loads(self.figure) if isinstance(self.figure, str) else self.figure
        return json_script(
            {"data": figure.get("data", ()), "layout": figure.get("layout", {})}, f"{self.id}-figure", Dense
        )
