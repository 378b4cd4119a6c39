"""Pages of the roster import: upload → preview → apply → result. Between the steps the file waits sealed."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from afterbell.pages.tables import shown
from schools.people import answering, queries
from schools.people.answering import AnswersFilter
from schools.people.doors import PeopleRequest, or_404
from schools.people.forms import ApplyForm, RosterForm
from schools.people.roster import actions, checking, intake, pending, reading
from schools.people.roster.answers import Answer
from schools.people.roster.archive import BadWorkbook
from schools.people.roster.intake import Intake
from schools.people.roster.pending import Upload
from schools.people.tables import ImportTable

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN: Final = 100
"""Rows of each list of the preview; the counts say how many there are."""
ASKED: Final = 50
"""Questions on a page."""
TO_CHOOSE: Final = 500
"""Boxes to tick; whoever has more missing pupils takes all or none."""


@require_http_methods(["GET", "POST"])
@requires(Permission.ROSTER_IMPORT)
def upload(request: PeopleRequest) -> HttpResponse:
    """Choose the file; what was imported before."""
    form = RosterForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                data = file.read()
                checking.check(reading.read(data), today=local_date(timezone.now()), tick=intake.silent)
            except BadWorkbook as refusal:
                form.add_error("file", str(refusal))
                status = refusal.status
            else:
                waiting = pending.keep(data=data, file_name=file.name or "", by=request.user)
                return redirect("people:preview", waiting.reference)
        else:
            too_large = any(
                error.code == "roster.too_large" for error in form.errors.as_data().get("file", [])
            )
            status = 413 if too_large else 400
    context = {"form": form, "table": shown(ImportTable(queries.imports()), request, per_page=10)}
    return render(request, "people/roster.html", context, status=status)


@require_GET
@never_cache
@requires(Permission.ROSTER_IMPORT)
def preview(request: PeopleRequest, reference: str) -> HttpResponse:
    """What importing would change, or everything that is wrong."""
    waiting = _waiting(request, reference)
    return _preview(request, waiting, _intake(request, waiting))


@require_GET
@never_cache
@requires(Permission.ROSTER_IMPORT)
def errors(request: PeopleRequest, reference: str) -> HttpResponse:
    """The clerk's own rows with every flaw marked."""
    found = _intake(request, _waiting(request, reference))
    headers = {"Content-Disposition": 'attachment; filename="roster-errors.xlsx"'}
    return HttpResponse(found.error_workbook(), content_type=XLSX, headers=headers)


@require_POST
@requires(Permission.ROSTER_IMPORT)
def apply(request: PeopleRequest, reference: str) -> HttpResponse:
    """Write it; a second click finds what the first has done."""
    upload_id = pending.identity(reference)
    if queries.imports().filter(pk=upload_id, by=request.user).exists():
        return redirect("people:import", upload_id)
    waiting = _waiting(request, reference)
    found = _intake(request, waiting)
    form = ApplyForm(request.POST)
    if not form.is_valid():
        return _preview(request, waiting, found, status=400)
    if form.cleaned_data["fingerprint"] != found.plan.fingerprint:
        raise actions.Changed
    done = actions.apply(
        plan=found.plan,
        source=actions.Source(waiting.id, waiting.file_name, waiting.sha256),
        leaving=_leaving(request, form.cleaned_data["leaving"], found),
        in_part=form.cleaned_data["in_part"],
        by=request.user,
        now=timezone.now(),
        tick=lambda done, of: pending.note_progress(waiting.id, done, of),
    )
    if found.plan.turned_back:
        pending.keep_rest(waiting, found.rest_workbook(), by=request.user)
    pending.forget(waiting)
    messages.success(request, _("名册已导入。"))
    return redirect("people:import", done.pk)


@require_GET
@never_cache
@requires(Permission.ROSTER_IMPORT)
def progress(request: PeopleRequest, reference: str) -> HttpResponse:
    """How far applying is; a part of the preview that asks again by itself."""
    done, of = pending.progress(reference)
    return render(request, "people/parts/progress.html", {"done": done, "of": of, "reference": reference})


@require_GET
@never_cache
@requires(Permission.ROSTER_IMPORT)
def rest(request: PeopleRequest, import_id: UUID) -> HttpResponse:
    """The rows that were given back, for half an hour; whoever comes later uploads the roster again."""
    or_404(queries.roster_import, import_id)
    data = pending.rest(import_id, by=request.user)
    if data is None:
        raise pending.Expired
    headers = {"Content-Disposition": 'attachment; filename="roster-rest.xlsx"'}
    return HttpResponse(data, content_type=XLSX, headers=headers)


@require_GET
@never_cache
@requires(Permission.ROSTER_IMPORT)
def done(request: PeopleRequest, import_id: UUID) -> HttpResponse:
    """The number to quote, and what was changed."""
    found = or_404(queries.roster_import, import_id)
    context = {
        "done": found,
        "left_out": answering.left_out(found),
        "has_rest": pending.rest(import_id, by=request.user) is not None,
    }
    return render(request, "people/imported.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Permission.ROSTER_IMPORT)
def answers(request: PeopleRequest, reference: str) -> HttpResponse:
    """Whether a number that is known under another name is the same person: row by row, or all that a filter shows."""
    waiting = _waiting(request, reference)
    plan = _intake(request, waiting).plan
    form = AnswersFilter(request.GET, questions=plan.questions)
    chosen = form.chosen(plan)
    if request.method == "POST":
        given = answering.given(request.POST, chosen, kind=form.one_kind)
        pending.answer(waiting, given)
        messages.success(request, _("已记下 %(n)s 条。") % {"n": len(given)})
        return redirect(request.get_full_path())
    page = Paginator(chosen, ASKED).get_page(request.GET.get("page"))
    rows = [(question, plan.answers.get(question.key, "")) for question in page]
    context = {
        "plan": plan,
        "reference": waiting.reference,
        "filter": form,
        "page": page,
        "rows": rows,
        "may_answer_all": bool(form.one_kind),
        "answers": Answer.choices,
        "query": answering.query(request.GET),
    }
    return render(request, "people/answers.html", context)


def _waiting(request: PeopleRequest, reference: str) -> Upload:
    try:
        return pending.get(reference, by=request.user)
    except pending.NotYours:
        raise Http404 from None


def _intake(request: PeopleRequest, waiting: Upload) -> Intake:
    today = local_date(timezone.now())
    return intake.take(waiting.data, today=today, by=request.user, given=pending.answers(waiting))


def _preview(request: PeopleRequest, waiting: Upload, found: Intake, status: int = 200) -> HttpResponse:
    plan = found.plan
    start = {"fingerprint": plan.fingerprint, "leaving": ApplyForm.NONE, "in_part": plan.is_in_part}
    context = {
        "plan": plan,
        "roster": plan.roster,
        "file_name": waiting.file_name,
        "reference": waiting.reference,
        "form": ApplyForm(initial=start),
        "limit": SHOWN,
        "missing": plan.missing[:TO_CHOOSE],
        "left_out": plan.left_out[:SHOWN],
        "nothing_to_do": plan.is_right
        and not (
            plan.created
            or plan.changed_pupils
            or plan.new_ties
            or plan.renamed
            or plan.missing
            or plan.left_out
        ),
    }
    return render(request, "people/preview.html", context, status=status)


def _leaving(request: PeopleRequest, choice: str, found: Intake) -> list[UUID]:
    """Ids of the missing pupils who are to be marked as left; nonsense is refused by the action."""
    if choice == ApplyForm.ALL:
        return [pupil.pk for pupil in found.plan.missing]
    if choice != ApplyForm.CHOSEN:
        return []
    try:
        return [UUID(value) for value in request.POST.getlist("gone")]
    except ValueError:
        raise actions.NotMissing from None
