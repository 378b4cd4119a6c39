"""Pages of the register: the list, an approval, taking one back with a reason."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown
from oversight import scope as scopes
from oversight.providers.forms import ProviderFilter, ProviderForm, RevokeForm
from oversight.providers.tables import ProviderTable
from tenants.models import District, Provider
from tenants.providers import actions, queries


@require_GET
@requires(Permission.PROVIDERS_APPROVE)
def providers(request: UserRequest) -> HttpResponse:
    """Every approval with its state; filters, sorting and pages in the address."""
    scope, today = scopes.of_user(request.user), local_date(timezone.now())
    form = ProviderFilter(request.GET)
    found = queries.register(scope.districts, day=today, **form.chosen())
    table = shown(ProviderTable(found, scope=scope, today=today), request)
    return render(request, "providers/providers.html", {"table": table, "filter": form})


@requires(Permission.PROVIDERS_APPROVE)
@require_http_methods(["GET", "POST"])
def approve(request: UserRequest) -> HttpResponse:
    """An organisation comes onto the register."""
    scope = scopes.of_user(request.user)
    mine = [each for each in District.objects.order_by("position", "code") if scope.covers(each.code)]
    form = ProviderForm(request.POST or None, districts=mine, is_whole_city=scope.districts is None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.approve_provider(**form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已核准：%(name)s。学校现在可以选用。") % {"name": made.name})
            return redirect("providers:providers")
    return render(request, "providers/approve.html", {"form": form}, status=400 if form.errors else 200)


@requires(Permission.PROVIDERS_APPROVE)
@require_http_methods(["GET", "POST"])
def revoke(request: UserRequest, provider_id: UUID) -> HttpResponse:
    """Asks first, with a reason that stays on the register."""
    found = _provider(request, provider_id)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.revoke_provider(
                provider=found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已撤销。从今天起学校不能再向这家机构支出。"))
            return redirect("providers:providers")
    context = {"form": form, "provider": found}
    return render(request, "providers/revoke.html", context, status=400 if form.errors else 200)


def _provider(request: UserRequest, provider_id: UUID) -> Provider:
    try:
        return queries.provider_for(scopes.of_user(request.user).districts, provider_id)
    except Provider.DoesNotExist:
        raise Http404 from None
