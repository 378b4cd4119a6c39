"""Problem JSON of the API (RFC 9457): type, title, status, detail, and the fields that are wrong.

`for_api` is REST framework's exception handler; Django's own errors come through afterbell.pages.errors, refusals
through the middleware.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import connections
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from afterbell.kernel.errors import Refused

MEDIA_TYPE: Final = "application/problem+json"
API: Final = "/api/"
TITLES: Final[dict[int, str | Promise]] = {
    400: _("请求有误"),
    401: _("请先登录"),
    403: _("没有权限"),
    404: _("没有找到"),
    405: _("不支持这种请求方法"),
    406: _("不支持这种格式"),
    409: _("现在不能这样做"),
    413: _("内容太大"),
    415: _("不支持这种内容格式"),
    429: _("操作太频繁"),
    500: _("系统出错"),
    503: _("服务暂时不可用"),
}
DETAILS: Final[dict[int, str | Promise]] = {
    400: _("请求的内容不完整或格式不对，请检查后重试。"),
    403: _("您的角色不能使用这个接口。"),
    404: _("没有这个地址，或者它不属于您。"),
    413: _("请减少一次提交的内容后重试。"),
    429: _("请稍后再试。"),
    500: _("这次操作没有生效。问题已记录，请稍后再试。"),
    503: _("这次操作没有生效，请一分钟后再试。"),
}


def wanted(request: HttpRequest) -> bool:
    """Whether this request wants problem JSON rather than a page."""
    return request.path.startswith(API)


def problem(status: int, detail: str | Promise = "", *, code: str = "", **more: Any) -> JsonResponse:
    """One problem. `code` is stable and names its kind; without one the status says everything."""
    body = {
        "type": f"urn:afterbell:problem:{code}" if code else "about:blank",
        "title": str(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": str(detail or DETAILS.get(status, "")),
    }
    if code:
        body["code"] = code
    return JsonResponse({**body, **more}, status=status, content_type=MEDIA_TYPE)


def refused(refusal: Refused) -> JsonResponse:
    """A domain's no: 409 with its code."""
    return problem(refusal.status, str(refusal), code=refusal.code)


def for_api(error: Exception, _context: Mapping[str, Any]) -> JsonResponse | None:
    """REST framework's EXCEPTION_HANDLER; None lets the error go on to handler500."""
    if isinstance(error, Refused):
        answer = refused(error)
    elif isinstance(error, Http404):
        answer = problem(404)
    elif isinstance(error, PermissionDenied):
        answer = problem(403)
    elif isinstance(error, exceptions.ValidationError):
        answer = problem(400, errors=list(field_errors(error.detail)))
    elif isinstance(error, exceptions.APIException):
        answer = _of_framework(error)
    else:
        return None
    _undo()
    return answer


def field_errors(detail: Any, at: str = "") -> list[dict[str, str]]:
    """REST framework's nested errors as a flat list: a JSON pointer to the field, and the sentence."""
    if isinstance(detail, Mapping):
        nested = [(key, value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(part, Mapping | list) for part in detail):
        nested = [(str(place), value) for place, value in enumerate(detail)]
    else:
        return [
            {"pointer": at, "detail": str(text)}
            for text in (detail if isinstance(detail, list) else [detail])
        ]
    return [
        each
        for key, value in nested
        for each in field_errors(value, at if key == "non_field_errors" else f"{at}/{_escaped(str(key))}")
    ]


def _of_framework(error: exceptions.APIException) -> JsonResponse:
    answer = problem(error.status_code, str(error.detail))
    if header := getattr(error, "auth_header", None):
        answer["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        answer["Retry-After"] = str(int(wait))
    return answer


def _escaped(key: str) -> str:
    """A key inside a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _undo() -> None:
    """Nothing is half done: the request's transaction is rolled back."""
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            connection.set_rollback(True)
