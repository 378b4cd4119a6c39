"""The register of schools."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import holds, requires
from afterbell.pages.tables import shown
from dashboards.register import queries
from dashboards.register.forms import RegisterFilter
from dashboards.register.tables import SchoolTable


@require_GET
@requires(Permission.SCHOOLS_READ)
def schools(request: HttpRequest) -> HttpResponse:
    """All schools that the user may see, with filters, sorting and pages in the address."""
    form = RegisterFilter(request.GET)
    form.is_valid()
    mine = queries.schools_for(request.user)  # type: ignore[arg-type]  # requires() let only users in
    found = queries.narrowed(mine, **form.cleaned_data)
    table = shown(SchoolTable(found), request)
    context = {
        "filter": form,
        "table": table,
        "may_add": holds(request.user, Permission.SCHOOLS_MANAGE),
        "lede": _("共 %(count)s 所学校。") % {"count": table.paginator.count},
    }
    return render(request, "register/schools.html", context)
