"""Public pages are the same for everybody who sends no cookie: browsers and proxies may keep those for ten minutes.

A page for somebody with a cookie (a language, colours, a login) is their own and kept by nobody. Both say so by `Vary`.
"""

from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import Any, Final
from zlib import crc32

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import condition

from oversight.disclosure import queries, releases

View = Callable[..., HttpResponse]
SECONDS: Final = 600
OURS: Final = f"public, max-age={SECONDS}"
THEIRS: Final = "private, no-cache"
PROGRAM: Final = version("afterbell")


def public(view: View) -> View:
    """Around a view of a public page: `Cache-Control`, and an `ETag` that changes with the city's figures."""
    tagged = condition(etag_func=_tag)(view)

    @wraps(view)
    def cached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = tagged(request, *args, **kwargs)
        answer.headers["Cache-Control"] = THEIRS if request.COOKIES else OURS
        patch_vary_headers(answer, ["Cookie"])
        return answer

    return cached


def page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Rendered without a form token for who has no cookie: it would set one, and a kept page would hand it to others."""
    own = {} if request.COOKIES else {"csrf_token": ""}
    return render(request, template, {**context, **own})


def _tag(request: HttpRequest, *_args: Any, **_kwargs: Any) -> str | None:
    """By the version and the age of the sums, what was published last, the day (what is late depends on it), the program's
    version and the address."""
    if request.COOKIES:
        return None
    address = crc32(request.get_full_path().encode())
    pulse = queries.pulse()
    seen = int(pulse.as_of.timestamp()) if pulse.as_of else 0
    made_at = releases.made_at()
    made = int(made_at.timestamp()) if made_at else 0
    return f'W/"{PROGRAM}-{pulse.version}-{seen}-{made}-{timezone.localdate():%Y%m%d}-{address:08x}"'
