"""Light, dark or as the system says: a choice kept in a cookie, so that it works without JavaScript."""

from typing import Final

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

CHOICES: Final = ("system", "light", "dark")
A_YEAR: Final = 365 * 24 * 3600


def cookie_name() -> str:
    return "__Host-theme" if settings.SECURE_COOKIES else "theme"


def chosen(request: HttpRequest) -> str:
    """The theme of this browser; 'system' when nothing (or nonsense) was chosen."""
    value = request.COOKIES.get(cookie_name(), "system")
    return value if value in CHOICES else "system"


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to the page it was made on."""
    theme = request.POST.get("theme", "")
    if theme not in CHOICES:
        raise BadRequest(_("没有这种显示方式，请在“浅色”“深色”“跟随系统”里选。"))
    response = HttpResponseRedirect(_back(request))
    response.set_cookie(
        cookie_name(), theme, max_age=A_YEAR, secure=settings.SECURE_COOKIES, httponly=True, samesite="Lax"
    )
    return response


def _back(request: HttpRequest) -> str:
    url = request.POST.get("next", "/")
    ours = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if ours else "/"
