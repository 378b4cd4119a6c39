"""Pages of the alerts: the list with its files, one alert with its history, an officer's note, closing with a reason."""

from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.pages import sheets
from afterbell.pages.tables import shown as table_shown
from afterbell.pages.templatetags.show import minute
from oversight import scope as scopes
from oversight.redlines import actions, queries, tables
from oversight.redlines.findings import Rule
from oversight.redlines.forms import AlertFilter, CloseForm, NoteForm
from oversight.redlines.models import Alert
from oversight.redlines.queries import Shown
from oversight.redlines.states import AlertState, EventKind
from oversight.scope import Scope

FILES: Final = ("csv", "xlsx")
FILE_MOST: Final = 10_000
LOOKS: Final = {
    EventKind.RAISED: "bad",
    EventKind.REOPENED: "bad",
    EventKind.CHANGED: "warn",
    EventKind.GONE: "good",
    EventKind.NOTED: "now",
    EventKind.CLOSED: "good",
}


@require_GET
@requires(Permission.ALERTS_READ)
def alerts(request: UserRequest) -> HttpResponse:
    """Red first, then the newest; counts by rule on top; filters, sorting, pages and files in the address."""
    scope = scopes.of_user(request.user)
    terms, districts = queries.choices(scope)
    form = AlertFilter(request.GET, terms=terms, districts=districts)
    chosen = form.chosen()
    found = queries.narrowed(queries.alerts(scope), **chosen).order_by(*queries.SEVERITY)
    if request.GET.get("format") in FILES:
        return _file(request, scope, found, form)
    of_rule = {name: value for name, value in chosen.items() if name != "rule"}
    counts = queries.counts_by_rule(scope, queries.narrowed(queries.alerts(scope), **of_rule))
    with scope.reading():
        table = table_shown(tables.AlertTable(found), request)
        len(table.page.object_list)  # rows are read here, as the reader, and not while the page is written
    context = {
        "filter": form, "table": table, "tabs": _tabs(request, counts, chosen.get("rule", "")),
        "red": sum(one.red for one in counts), "notice": sum(one.notice for one in counts),
        "elsewhere": _of_other_terms(scope, chosen), "every_term": _address(request, term=""),
        "csv": _address(request, format="csv"), "xlsx": _address(request, format="xlsx"),
    }  # fmt: skip
    return render(request, "redlines/alerts.html", context)


@require_GET
@requires(Permission.ALERTS_READ)
def alert(request: UserRequest, alert_id: UUID) -> HttpResponse:
    """Numbers, what the rule says, history."""
    scope = scopes.of_user(request.user)
    return _page(request, scope, _alert(scope, alert_id), NoteForm())


@require_POST
@requires(Permission.ALERTS_HANDLE)
def note(request: UserRequest, alert_id: UUID) -> HttpResponse:
    """An officer has looked at it."""
    scope = scopes.of_user(request.user)
    shown, form = _alert(scope, alert_id), NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, scope, shown, form, status=400)
    actions.note(alert=shown.alert, text=form.cleaned_data["note"], by=request.user, now=timezone.now())
    messages.success(request, _("已记下备注。"))
    return redirect("redlines:alert", alert_id)


@requires(Permission.ALERTS_HANDLE)
@require_http_methods(["GET", "POST"])
def close(request: UserRequest, alert_id: UUID) -> HttpResponse:
    """With a reason that stays in the history."""
    shown = _alert(scopes.of_user(request.user), alert_id)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.close(
            alert=shown.alert, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
        )
        messages.success(request, _("已了结。情况加重或再次出现时会重新提醒。"))
        return redirect("redlines:alert", alert_id)
    context = {"shown": shown, "form": form}
    return render(request, "redlines/close.html", context, status=400 if form.errors else 200)


def _page(
    request: UserRequest, scope: Scope, shown: Shown, form: NoteForm, *, status: int = 200
) -> HttpResponse:
    policy = queries.rules_then(scope, shown)
    context = {
        "shown": shown,
        "level": tables.level_badge(shown.alert),
        "state": tables.state_badge(shown.alert),
        "policy": policy,
        "thresholds": shown.rule.thresholds(policy.policy) if policy else [],
        "timeline": [_line(one) for one in queries.history(scope, shown)],
        "links": _links(request, shown),
        "form": form,
        "may_handle": request.user.has(Permission.ALERTS_HANDLE),
        "is_over": shown.alert.state == AlertState.CLOSED,
    }
    return render(request, "redlines/alert.html", context, status=status)


def _line(happened: queries.Happened) -> dict[str, object]:
    """A line of the timeline: what an officer wrote, or the numbers, and what they were."""
    event = happened.event
    text = event.note or happened.sentence
    if event.kind == EventKind.CHANGED:
        text = _("原来：%(was)s现在：%(now)s") % {"was": happened.was, "now": happened.sentence}
    if event.kind == EventKind.GONE:
        text = _("此前：%(was)s") % {"was": happened.was}
    return {
        "at": event.at, "title": happened.kind_name, "who": happened.who, "text": text,
        "state": LOOKS[EventKind(event.kind)],
    }  # fmt: skip


def _links(request: UserRequest, shown: Shown) -> list[tuple[str, str]]:
    """To the school's page and to the dashboard that shows the same matter, where this city has them."""
    code, term = shown.school.code, shown.alert.term_code
    wanted = [
        (_("学校页"), f"/schools/{code}/", {"term": term}),
        (_("相关图表"), shown.rule.page, {"term": term, "school": code}),
    ]
    return [(label, f"{path}?{urlencode(more)}") for label, path, more in wanted if _exists(request, path)]


def _exists(request: UserRequest, path: str) -> bool:
    """Dashboards stand above this room: known by their addresses of the contract alone."""
    try:
        resolve(path, urlconf=getattr(request, "urlconf", None))
    except Resolver404:
        return False
    return True


def _file(request: UserRequest, scope: Scope, found: QuerySet[Alert], form: AlertFilter) -> HttpResponse:
    """All rows of the filters, with what was filtered in the notes."""
    with scope.reading():
        rows = list(found[:FILE_MOST])
    notes = [(_("取得时间"), minute(timezone.now()))]
    if len(rows) == FILE_MOST:
        notes.append(
            (_("范围"), _("只有最前面的 %(n)s 条，请缩小筛选范围后再下载。") % {"n": f"{FILE_MOST:,}"})
        )
    for name, value in form.chosen().items():
        words = dict(getattr(form.fields[name], "choices", ()))
        notes.append((str(form.fields[name].label), str(words.get(value, value))))
    notes += [(shown.name, f"{shown.text} {shown.formula}") for shown in _rules(rows)]
    return sheets.download(tables.sheet(rows, notes=notes), form=request.GET["format"], name="alerts")


def _rules(rows: list[Alert]) -> list[Rule]:
    """Those that occur, explained once each."""
    return list({row.rule: Shown(row).rule for row in rows}.values())


def _of_other_terms(scope: Scope, chosen: dict[str, str]) -> int:
    """How many the chosen term leaves out that the city's pages count: 0 where no term is chosen."""
    if "term" not in chosen:
        return 0
    wider = {name: value for name, value in chosen.items() if name not in ("term", "rule")}
    every, here = (
        queries.counts_by_rule(scope, queries.narrowed(queries.alerts(scope), **wider, term=term))
        for term in ("", chosen["term"])
    )
    return sum(one.total for one in every) - sum(one.total for one in here)


def _tabs(
    request: UserRequest, counts: tuple[queries.RuleCount, ...], chosen: str
) -> list[dict[str, object]]:
    everything = {
        "label": _("全部"), "url": _address(request, rule=""), "current": not chosen,
        "count": sum(one.total for one in counts),
    }  # fmt: skip
    return [
        everything,
        *(
            {
                "label": one.rule.name, "url": _address(request, rule=one.rule.code.value),
                "current": one.rule.code.value == chosen, "count": one.total,
            }
            for one in counts
            if one.total or one.rule.code.value == chosen
        ),
    ]  # fmt: skip


def _address(request: UserRequest, **changed: str) -> str:
    """This list with some filters changed, from its first page."""
    given = {name: value for name, value in request.GET.items() if name not in ("page", "format")}
    return "?" + urlencode({name: value for name, value in {**given, **changed}.items() if value})


def _alert(scope: Scope, alert_id: UUID) -> Shown:
    try:
        return queries.alert_for(scope, alert_id)
    except Alert.DoesNotExist:
        raise Http404 from None
