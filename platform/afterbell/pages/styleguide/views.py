"""Pages of the style guide. They keep nothing and ask no database; outside the demo they are not there."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.kernel.errors import Refused
from afterbell.pages import documents, navigation, tables
from afterbell.pages.styleguide import charts, forms, letters, samples

View = Callable[..., HttpResponse]
ERRORS: Final = (
    "400",
    "403",
    "403_form",
    "404",
    "413",
    "500",
    "service_trouble",
    "too_often",
    "unknown_host",
    "school_not_ready",
    "refused",
)


class SampleRefusal(Refused):
    """A refusal to look at."""

    code = "finance.not_enough_left"
    message = gettext_lazy("可退金额只剩 %(left)s，不能退 %(asked)s。请改小金额后再提交。")


def demo_only(view: View) -> View:
    """404 unless this is the demo."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    guarded.open_reason = "demo only, nothing but samples"  # type: ignore[attr-defined]  # read by accounts' address test
    return guarded


@demo_only
def overview(request: HttpRequest) -> HttpResponse:
    """Every component in all its states."""
    filters = forms.Filters(request.GET)
    wrong = forms.EveryField(samples.WRONG, prefix="wrong")
    return render(
        request,
        "styleguide/overview.html",
        {
            "navigation": navigation.sections(samples.NAVIGATION, request),
            "swatches": samples.swatches(),
            "form": forms.EveryField(
                prefix="fresh", initial={"name": "四年级篮球", "room": "gym", "days": ["1", "3"]}
            ),
            "wrong": wrong,
            "filters": filters,
            "table": tables.shown(samples.Schools(filters.rows(samples.schools())), request, per_page=8),
            "empty_table": tables.shown(samples.Schools([], prefix="none-"), request),
            "tiles": samples.tiles(),
            "charts": charts.every(),
            "tasks": samples.tasks(),
            "history": samples.history(),
            "answers": samples.answers(),
            "tabs": [
                {"label": _("全部"), "url": "?", "current": True, "count": 60},
                {"label": _("待处理"), "url": "?state=now", "count": 12},
                {"label": _("已逾期"), "url": "?state=bad", "count": 0},
            ],
            "errors": ERRORS,
            "amounts": [123450, -5, 0, None],
            "moment": samples.NOON,
        },
    )


@demo_only
def family(request: HttpRequest) -> HttpResponse:
    """A parent's step: the form checks what was typed and keeps it."""
    form = forms.PickUp(request.POST or None)
    if form.is_valid():
        return redirect("styleguide:check")
    return render(
        request, "styleguide/family.html", {"form": form, "step": 3, "steps": 5, "back_url": "/styleguide/"}
    )


@demo_only
def check_answers(request: HttpRequest) -> HttpResponse:
    """Everything once more before it is sent."""
    return render(request, "styleguide/check.html", {"rows": samples.answers(), "step": 5, "steps": 5})


@demo_only
def done(request: HttpRequest) -> HttpResponse:
    """The number to quote, and what happens next."""
    return render(request, "styleguide/done.html")


@demo_only
def gate(request: HttpRequest) -> HttpResponse:
    """Handover at the gate."""
    return render(request, "styleguide/gate.html", {"children": samples.children()})


@demo_only
def confirm(request: HttpRequest) -> HttpResponse:
    """A step that asks first."""
    if request.method == "POST":
        return redirect("styleguide:done")
    return render(request, "styleguide/confirm.html")


@demo_only
def error_page(request: HttpRequest, name: str) -> HttpResponse:
    """An error page to look at: nothing is wrong here, so it is answered with 200."""
    if name not in ERRORS:
        raise Http404
    known = {
        "refusal": SampleRefusal(left="¥120.00", asked="¥200.00"),
        "school": {"name": "湖滨区第一小学", "state": "opening"} if name == "school_not_ready" else None,
        "city_host": settings.CITY_HOST,
        "minutes": 15,
    }
    return render(request, f"pages/{name}.html", known)


@demo_only
def document(_request: HttpRequest) -> HttpResponse:
    """The sample letter home as PDF."""
    pdf = documents.render_pdf("letter", letters.sample())
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="letter.pdf"'}
    )
