"""The fees page: for the supervisors and for the price bureau, whose reader has no right on what is about children."""

from dataclasses import replace
from typing import Final

import pandas as pd
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from dashboards.fees import caps, cards, costs, money, queries
from dashboards.fees import look as own
from dashboards.frame import answers, breakdown, ranking
from dashboards.frame import cards as framed
from dashboards.frame import look as looks
from dashboards.frame.kept import kept
from dashboards.frame.loads import chosen_of
from dashboards.frame.look import Look
from oversight.costs import mattering, peers
from oversight.indicators import frames
from oversight.indicators import queries as indicators
from oversight.scope import Scope

CODES: Final = (*(one.code for one in (*cards.TILES, *cards.SHOWN)), money.STAFF_SHARE.code, money.AHEAD.code)
FEATURES: Final = (
    "participants",
    "weekly_minutes",
    "hardship_participants",
    "staff_outside",
    "staff_contracted",
    "days_held",
)
"""What makes schools alike (oversight.costs.peers)."""
ALSO: Final = (
    "fee_unit",
    "fee_term_fen",
    "cap_term_fen",
    "statement_months_late",
    "statement_months_missing",
    "statement_months_due",
    "received_fen",
)
NEEDS: Final = indicators.needs_of(CODES) | frozenset((*FEATURES, *ALSO))


@require_GET
@requires(Permission.FEES_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Filters and downloads are GET parameters (contract)."""
    look = own.of(looks.read(request, now=timezone.now()))
    found = kept(request, look, lambda: _content(look))
    table = ranking.table(
        request, found.rows, columns=cards.columns(), caption=_("各校收费与成本"), per_page=10
    )
    return answers.answer(request, look, found, template="fees/home.html", table=table)


def _content(look: Look) -> answers.Content:
    city, schools = _schools(look)
    before = (
        frames.schools(look.scope, look.before, needs=NEEDS)
        if look.before and not look.selection.by_month
        else None
    )
    least = mattering.of_term(look.selection.term)
    found = costs.compared(city, peers.find(city), schools.index, least)
    rows = cards.rows(look, schools, found)
    page = answers.Page(
        name="fees", title=_("收费与成本"), lede=cards.lede(schools),
        cards=[
            caps.card(look, schools),
            costs.card(look, schools, found),
            breakdown.by_card(look, schools, cards.PER_HOUR, "district", id="per_hour",
                question=_("各区县的学生每在一课时实际要付多少？")),
            breakdown.by_card(look, schools, cards.PER_MONTH, "kind", id="per_month",
                question=_("城区、镇区、乡村的学生一个月要付多少？")),
            money.by_month(frames.months(look.scope, look.selection)),
            money.spent(look, schools),
            money.rates(look, schools),
            money.statements(look, queries.statements(look.scope, look.selection, today=local_date(look.now))),
            money.late(look, schools),
        ],
        main=lambda: framed.sheet(
            look, title=_("各校收费与成本"), columns=list(cards.columns().values()),
            rows=ranking.plain_rows(rows, cards.columns()),
            notes=framed.definition(caps.TO_CAP, *cards.SHOWN),
        ),
    )  # fmt: skip
    return answers.content(look, page, rows=rows, tiles=cards.tiles(schools, before, least))


def _schools(look: Look) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The whole city, in which peers are found, and the rows of this look: one statement."""
    chosen = look.selection
    everywhere = replace(chosen, district="", stage="", kind="", school="")
    city = frames.schools(Scope(districts=None, reader=look.scope.reader), everywhere, needs=NEEDS)
    return city, chosen_of(city, look)
