"""Pages of consultations: the office's, and the parent's one question a page."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from schools.people.models import Pupil, SchoolClass
from schools.planning import consultation_actions as actions
from schools.planning import consultation_queries as queries
from schools.planning import drafting
from schools.planning import queries as plans
from schools.planning.forms import ClosingForm, ConsultationForm, WishForm, initial_of
from schools.planning.models import Channel, Consultation, Wish
from schools.planning.refusing import TO_CONSULTATION, refused
from schools.planning.states import ConsultationState

PAPER = "wish-"


@require_GET
@requires(Permission.CONSULTATION_READ)
def consultations(request: UserRequest) -> HttpResponse:
    """One a term."""
    context = {
        "consultations": queries.consultations(),
        "may_manage": request.user.has(Permission.CONSULTATION_MANAGE),
    }
    return render(request, "planning/consultations.html", context)


@requires(Permission.CONSULTATION_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: UserRequest) -> HttpResponse:
    """Write what will be asked."""
    now = timezone.now()
    terms = plans.terms_to_plan(local_date(now))
    form = ConsultationForm(request.POST or None, terms=terms)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draft_consultation(**form.cleaned_data, by=request.user, now=now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("planning:consultation", made.pk)
    context = {"form": form, "no_term": not terms}
    return render(request, "planning/consultation_form.html", context, status=400 if form.errors else 200)


@requires(Permission.CONSULTATION_MANAGE)
@require_http_methods(["GET", "POST"])
def change(request: UserRequest, consultation_id: UUID) -> HttpResponse:
    """While it is a draft."""
    found = _consultation(consultation_id)
    if no := _refused(request, found, lambda: actions.refuse_asked(found), _("修改")):
        return no
    form = ConsultationForm(request.POST or None, terms=[], fixed_term=True, initial=initial_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_consultation(
                consultation=found, **form.cleaned_data, by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("planning:consultation", found.pk)
    context = {"form": form, "consultation": found}
    return render(request, "planning/consultation_form.html", context, status=400 if form.errors else 200)


@requires(Permission.CONSULTATION_MANAGE)
@require_http_methods(["GET", "POST"])
def move_closing(request: UserRequest, consultation_id: UUID) -> HttpResponse:
    """Before the old closing time is reached."""
    found = _consultation(consultation_id)
    if no := _running(request, found, _("改截止时间")):
        return no
    given = request.POST if request.method == "POST" else None
    form = ClosingForm(given, initial={"closes_at": found.closes_at})
    if request.method == "POST" and form.is_valid():
        try:
            actions.move_closing(
                consultation=found,
                closes_at=form.cleaned_data["closes_at"],
                by=request.user,
                now=timezone.now(),
            )
        except Refused as refusal:
            form.add_error("closes_at", str(refusal))
        else:
            messages.success(request, _("截止时间已改，家长已收到通知。"))
            return redirect("planning:consultation", found.pk)
    context = {"form": form, "consultation": found}
    return render(request, "planning/consultation_closing.html", context, status=400 if form.errors else 200)


@require_GET
@requires(Permission.CONSULTATION_READ)
def consultation(request: UserRequest, consultation_id: UUID) -> HttpResponse:
    """How many have answered, by class; after the close what they said, never who said what."""
    found = _consultation(consultation_id)
    is_open, is_closed = (
        found.state == ConsultationState.OPEN,
        found.state == ConsultationState.CLOSED,
    )
    classes = queries.classes_of(request.user)
    sees_all = classes is None
    counts = queries.counts(found) if is_closed and sees_all else None
    progress: queries.Progress | queries.Counts | None = (
        queries.progress(found) if is_open and sees_all else counts
    )
    now, ends_from = timezone.now(), queries.ends_from(found, actions.LEAST_LEFT)
    all_answered = progress is not None and not progress.silent
    context = {
        "consultation": found,
        "counts": counts,
        "progress": progress,
        "lines": queries.by_class(found, classes) if is_open else [],
        "split": queries.split_of(found, classes) if is_closed else [],
        "may_manage": request.user.has(Permission.CONSULTATION_MANAGE),
        "may_plan": request.user.has(Permission.PLAN_DRAFT) and drafting.may_draft(found, now),
        "is_due": found.closes_at <= now,
        "may_close": is_open and (found.closes_at <= now or (all_answered and ends_from <= now)),
        "waits_until": ends_from if all_answered else None,
    }
    return render(request, "planning/consultation.html", context)


@requires(Permission.CONSULTATION_MANAGE)
@require_http_methods(["GET", "POST"])
def begin(request: UserRequest, consultation_id: UUID) -> HttpResponse:
    """Asks first, then asks the parents."""
    found = _consultation(consultation_id)
    if request.method == "POST":
        actions.open_consultation(consultation=found, by=request.user, now=timezone.now())
        messages.success(request, _("已发给每一位可签字的家长。"))
        return redirect("planning:consultation", found.pk)

    def check() -> None:
        actions.open_consultation(consultation=found, by=request.user, now=timezone.now())

    if no := _refused(request, found, check, _("发给家长")):
        return no
    context = {
        "consultation": found,
        "asked": queries.asked_pupils().count(),
        "unasked": queries.nobody_signs_for(),
    }
    return render(request, "planning/consultation_open.html", context)


@requires(Permission.CONSULTATION_MANAGE)
@require_http_methods(["GET", "POST"])
def close(request: UserRequest, consultation_id: UUID) -> HttpResponse:
    """Asks first; then the counts stand for good."""
    found = _consultation(consultation_id)
    if request.method == "POST":
        actions.close_consultation(consultation=found, by=request.user, now=timezone.now())
        messages.success(request, _("征询已结束，结果已固定。"))
        return redirect("planning:consultation", found.pk)

    def check() -> None:
        actions.close_consultation(consultation=found, by=request.user, now=timezone.now())

    if no := _refused(request, found, check, _("结束征询")):
        return no
    context = {
        "consultation": found,
        "progress": queries.progress(found),
        "is_early": timezone.now() < found.closes_at,
    }
    return render(request, "planning/consultation_close.html", context)


@requires(Permission.CONSULTATION_MANAGE)
@require_http_methods(["GET", "POST"])
def paper(request: UserRequest, consultation_id: UUID, class_id: UUID) -> HttpResponse:
    """The paper slips of one class."""
    found = _consultation(consultation_id)
    school_class = SchoolClass.objects.filter(pk=class_id).first()
    if school_class is None:
        raise Http404
    if request.method == "POST":
        keyed = actions.key_paper_answers(
            consultation=found, wishes=_slips(request), by=request.user, now=timezone.now()
        )
        messages.success(request, _("已录入 %(n)s 份纸质回执。") % {"n": keyed})
        return redirect("planning:consultation", found.pk)
    if no := _running(request, found, _("录入纸质回执")):
        return no
    context = {
        "consultation": found,
        "school_class": school_class,
        "lines": queries.on_paper(found, class_id),
        "wishes": Wish.choices,
        "phone": Channel.PHONE,
    }
    return render(request, "planning/paper.html", context)


def _running(request: UserRequest, found: Consultation, what: str) -> HttpResponse | None:
    return _refused(request, found, lambda: actions.refuse_not_running(found, timezone.now()), what)


def _refused(
    request: UserRequest, found: Consultation, check: Callable[[], object], what: str
) -> HttpResponse | None:
    back = reverse("planning:consultation", args=[found.pk])
    return refused(request, check, what=what, name=found.title, back=back, to=TO_CONSULTATION)


@require_GET
@requires(Permission.CONSULTATION_ANSWER)
def family(request: UserRequest, consultation_id: UUID) -> HttpResponse:
    """To the first child without an answer; when all have one, to the summary."""
    found = _family_consultation(consultation_id)
    lines = queries.lines_of(request.user, found)
    if not lines:
        raise Http404
    silent = next((line for line in lines if line.answer is None), None)
    if silent and _is_open(found):
        return redirect("planning:family_answer", found.pk, silent.pupil.pk)
    context = {"consultation": found, "lines": lines, "is_open": _is_open(found)}
    return render(request, "planning/family_done.html", context)


@requires(Permission.CONSULTATION_ANSWER)
@require_http_methods(["GET", "POST"])
def family_answer(request: UserRequest, consultation_id: UUID, pupil_id: UUID) -> HttpResponse:
    """One question for one child: three buttons of one size."""
    found = _family_consultation(consultation_id)
    try:
        pupil = queries.child_of(request.user, pupil_id)
    except Pupil.DoesNotExist:
        raise Http404 from None
    if request.method == "POST":
        return _answered(request, found, pupil)
    lines = queries.lines_of(request.user, found)
    place = next((number for number, line in enumerate(lines, 1) if line.pupil.pk == pupil.pk), 1)
    context = {
        "consultation": found,
        "pupil": pupil,
        "answer": next((line.answer for line in lines if line.pupil.pk == pupil.pk), None),
        "is_open": _is_open(found),
        "ended_at": min(found.closes_at, found.closed_at or found.closes_at),
        "wishes": Wish.choices,
        "step": place if len(lines) > 1 else None,
        "steps": len(lines),
    }
    return render(request, "planning/family_answer.html", context)


def _answered(request: UserRequest, found: Consultation, pupil: Pupil) -> HttpResponse:
    form = WishForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请点一个按钮。"))
        return redirect("planning:family_answer", found.pk, pupil.pk)
    wish = Wish(form.cleaned_data["wish"])
    actions.answer(consultation=found, pupil=pupil, wish=wish, by=request.user, now=timezone.now())
    return redirect("planning:family_consultation", found.pk)


def _consultation(consultation_id: UUID) -> Consultation:
    try:
        return queries.consultation(consultation_id)
    except Consultation.DoesNotExist:
        raise Http404 from None


def _family_consultation(consultation_id: UUID) -> Consultation:
    found = _consultation(consultation_id)
    if found.state == ConsultationState.DRAFT:
        raise Http404
    return found


def _is_open(found: Consultation) -> bool:
    return found.state == ConsultationState.OPEN and timezone.now() < found.closes_at


def _slips(request: UserRequest) -> dict[UUID, Wish]:
    """wish-<pupil> = yes | no | undecided; a line left empty is no slip. Nonsense is refused whole."""
    slips = {}
    for name, value in request.POST.items():
        if name.startswith(PAPER) and value:
            try:
                slips[UUID(name.removeprefix(PAPER))] = Wish(str(value))
            except ValueError:
                raise Http404 from None
    return slips
