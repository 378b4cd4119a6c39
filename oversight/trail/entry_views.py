"""Pages of the entries: searching the city's own chain, and taking what was found away as a file."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.pages import sheets
from afterbell.pages.tables import shown
from oversight.trail import entries, tables
from oversight.trail.forms import EntryFilter

FORMS = ("csv", "xlsx")


@require_GET
@requires(Permission.AUDIT_READ, Permission.ACCOUNTS_READ)
def search(request: UserRequest) -> HttpResponse:
    """The newest first; filters and pages in the address."""
    form = EntryFilter(request.GET)
    found = entries.narrowed(entries.entries(), form.chosen())
    context = {"table": shown(tables.EntryTable(found), request), "filter": form}
    return render(request, "trail/entries.html", context)


@require_POST
@requires(Permission.AUDIT_READ, Permission.ACCOUNTS_READ)
def export(request: UserRequest) -> HttpResponse:
    """All rows of the filters of the address; it is a deed, as it leaves an entry."""
    form, wanted, now = EntryFilter(request.GET), request.POST.get("format", ""), timezone.now()
    chosen = form.chosen()
    back = f"{reverse('trail:entries')}?{request.GET.urlencode()}"
    if form.errors or wanted not in FORMS:
        messages.error(request, _("没有导出：请先改正筛选条件。"))
        return redirect(back)
    rows = list(entries.narrowed(entries.entries(), chosen)[: entries.FILE_MOST + 1])
    if len(rows) > entries.FILE_MOST:
        most = f"{entries.FILE_MOST:,}"
        messages.error(request, _("超过 %(n)s 条，没有导出。请缩小时间范围，分几次导出。") % {"n": most})
        return redirect(back)
    entries.note_export(chosen=chosen, rows=len(rows), form=wanted, by=request.user, now=now)
    notes = [(_("取得时间"), f"{timezone.localtime(now):%Y-%m-%d %H:%M}")]
    notes += [(str(form.fields[name].label), str(value)) for name, value in chosen.items()]
    return sheets.download(tables.sheet(rows, notes=notes), form=wanted, name="audit-entries")
