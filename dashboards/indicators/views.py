"""The catalogue of indicators, explained."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from dashboards.frame import answers, cards
from dashboards.frame import look as looks
from dashboards.frame.kept import kept
from dashboards.frame.look import Look
from dashboards.indicators import queries
from oversight.indicators.catalogue import Indicator


@require_GET
@requires(Permission.FEES_READ)
def catalogue(request: HttpRequest) -> HttpResponse:
    """What each figure means and what it is now. Supervisors and the price bureau hold FEES_READ; each sees their own."""
    look = looks.read(request, now=timezone.now(), fields=())
    shown = queries.visible_to(request.user)  # type: ignore[arg-type]  # requires() let only users in
    found = kept(request, look, lambda: _content(look, shown))
    return answers.answer(request, look, found, template="indicators/catalogue.html")


def _content(look: Look, shown: Sequence[Indicator]) -> answers.Content:
    chapters = queries.chapters(look.scope, look.selection, shown)
    title = _("指标说明")
    page = answers.Page(
        name="indicators",
        title=title,
        lede=_("看板、下载、接口和预警都使用这 %(count)s 个指标，含义只在这里写一次。")
        % {"count": len(shown)},
        cards=(),
        main=lambda: cards.sheet(look, title=title, columns=queries.columns(), rows=queries.rows(chapters)),
    )
    return answers.content(look, page, chapters=chapters)
