"""Pages of notices: the office writes and publishes, everybody reads the own ones, the public the open ones."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import open_to_all, requires
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from schools.notices import actions, charging, inbox, letters, news, queries
from schools.notices.forms import DraftForm, ReleaseForm
from schools.notices.tables import DeliveryTable, NoticeTable
from schools.people import class_queries, named, word_actions, word_queries
from schools.people import queries as people
from schools.people.doors import PeopleRequest, or_404
from tenants.exchange import names

PER_PAGE = 20


@require_GET
@requires(Permission.NOTICES_WRITE)
def desk(request: PeopleRequest) -> HttpResponse:
    """What waits to be published, and what was."""
    context = {
        "drafts": queries.drafts(),
        "table": shown(NoticeTable(queries.notices()), request),
        "may_publish": request.user.has(Permission.NOTICES_PUBLISH),
    }
    return render(request, "notices/desk.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.NOTICES_WRITE)
def write(request: PeopleRequest) -> HttpResponse:
    """A draft; the next page publishes it."""
    form = DraftForm(request.POST or None, classes=class_queries.scopes(timezone.localdate()))
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        chosen = given.pop("school_class")
        school_class = or_404(people.any_class, UUID(chosen)) if chosen else None
        try:
            draft = actions.write_draft(
                **given, school_class=school_class, by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("notices:draft", draft.pk)
    return render(request, "notices/write.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.NOTICES_WRITE)
def draft(request: PeopleRequest, draft_id: UUID) -> HttpResponse:
    """The draft as families will see it, how many they are, and the words that a second person has to look at."""
    found = or_404(queries.draft, draft_id)
    if found.notice_id is not None:
        return redirect("notices:notice", found.notice_id)
    if request.method == "POST":
        actions.discard_draft(draft=found, by=request.user, now=timezone.now())
        messages.success(request, _("草稿已删除。"))
        return redirect("notices:desk")
    warned = charging.warning(found.title, found.body)
    asked = word_queries.asked(named.doubts([found.title, found.body]))
    releases = request.user.has(Permission.NOTICES_PUBLISH)
    context = {
        "draft": found,
        "recipients": queries.audience(found.school_class).count(),
        "warned": warned,
        "asked": asked,
        "may_answer": request.user.has(Permission.PLAN_FILE),
        "may_publish": releases
        and all(each.is_settled for each in asked)
        and not (warned and found.by_id == request.user.pk),
    }
    return render(request, "notices/draft.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.NOTICES_PUBLISH)
def publish(request: PeopleRequest, draft_id: UUID) -> HttpResponse:
    """Asks first, and for the reason where words speak of charging; a second click finds the notice."""
    found = or_404(queries.draft, draft_id)
    if found.notice_id is not None:
        return redirect("notices:notice", found.notice_id)
    warned = charging.warning(found.title, found.body)
    form = ReleaseForm(request.POST or None) if warned else None
    if request.method == "POST" and (form is None or form.is_valid()):
        reason = form.cleaned_data["reason"] if form else ""
        try:
            notice = actions.publish_draft(draft=found, reason=reason, by=request.user, now=timezone.now())
        except actions.NoReleaseReason as refusal:
            if form is None:
                raise
            form.add_error("reason", str(refusal))
        except names.NamesAChild as refusal:
            doubts = named.doubts([found.title, found.body])
            word_actions.ask(doubts=doubts, by=request.user, now=timezone.now(), writer=found.by)
            messages.warning(request, str(refusal))
            return redirect("notices:draft", found.pk)
        else:
            messages.success(request, _("通知已发布。"))
            return redirect("notices:notice", notice.pk)
    recipients = queries.audience(found.school_class).count()
    context = {"draft": found, "recipients": recipients, "warned": warned, "form": form}
    return render(request, "notices/publish.html", context, status=400 if form and form.errors else 200)


@require_GET
@requires(Permission.NOTICES_WRITE)
def notice(request: PeopleRequest, notice_id: UUID) -> HttpResponse:
    """One notice with who has read it."""
    found = or_404(queries.notice, notice_id)
    table = shown(DeliveryTable(queries.deliveries_of(found)), request)
    context = {"notice": found, "number": letters.number(found), "table": table}
    return render(request, "notices/notice.html", context)


@require_GET
@requires(Permission.NOTICES_WRITE)
def letter(request: PeopleRequest, notice_id: UUID) -> HttpResponse:
    """The letter home with its receipt slip."""
    found = or_404(queries.notice, notice_id)
    pdf = letters.letter(found, school_name=request.school.name)
    headers = {"Content-Disposition": f'inline; filename="{letters.number(found)}.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@require_GET
@requires(Permission.NOTICES_READ)
def mine(request: PeopleRequest) -> HttpResponse:
    """What I have received, and what happened about my children; unread first."""
    items = inbox.of(request.user)
    page = Paginator(items, PER_PAGE).get_page(request.GET.get("page"))
    unread = sum(1 for item in items if not item.is_read)
    return render(request, "notices/mine.html", {"page": page, "unread": unread})


@require_GET
@requires(Permission.NOTICES_READ)
def received(request: PeopleRequest, delivery_id: UUID) -> HttpResponse:
    """One notice; opening it is reading it."""
    delivery = or_404(queries.delivery_to, request.user, delivery_id)
    actions.acknowledge(delivery=delivery, by=request.user, now=timezone.now())
    context = {"delivery": delivery, "notice": delivery.notice, "back_url": reverse("notices:mine")}
    return render(request, "notices/received.html", context)


@require_GET
@requires(Permission.NOTICES_READ)
def told(request: PeopleRequest, about: UUID, what: str) -> HttpResponse:
    """One thing that happened about an own child; opening it is reading it."""
    own = news.one_of(request.user, about, what)
    if own is None:
        raise Http404
    actions.read_news(about=about, what=what, by=request.user, now=timezone.now())
    context = {"own": own, "news": own.news, "lines": own.news.lines(), "back_url": reverse("notices:mine")}
    return render(request, "notices/news.html", context)


@require_GET
@open_to_all("open notices are for everybody")
def open_list(request: HttpRequest) -> HttpResponse:
    """What everybody may read."""
    page = Paginator(queries.open_notices().order_by("-published_at", "-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "notices/open_list.html", {"page": page})


@require_GET
@open_to_all("open notices are for everybody")
def open_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """One of them."""
    context = {"notice": or_404(queries.open_notice, notice_id), "back_url": reverse("notices:open_list")}
    return render(request, "notices/open.html", context)
