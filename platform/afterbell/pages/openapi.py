"""The API in the words of OpenAPI: /api/schema/ for machines, /api/docs/ for people, each for its own host."""

import json
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from afterbell.kernel.strings import dotted

OPEN_REASON: Final = "names addresses and fields, holds nobody's data"
VERBS: Final = ("get", "post", "put", "patch", "delete")


@require_GET
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1 as JSON."""
    text = OpenApiJsonRenderer().render(_schema(request))
    return HttpResponse(text, content_type="application/vnd.oai.openapi+json; charset=utf-8")


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation of this host, with what it does and what it takes."""
    found = _schema(request)
    operations = [
        {
            "verb": verb.upper(),
            "path": path,
            "about": operation.get("summary") or operation.get("description", "").partition("\n")[0],
            "parameters": [parameter["name"] for parameter in operation.get("parameters", [])],
            "answers": sorted(operation.get("responses", {})),
            "example": _example(operation),
        }
        for path, verbs in sorted(found["paths"].items())
        for verb, operation in verbs.items()
        if verb in VERBS
    ]
    about = [part for part in found["info"].get("description", "").split("\n\n") if part]
    shown = {"operations": operations, "about": about, "title": found["info"]["title"]}
    return render(request, "pages/api_docs.html", shown)


def _example(operation: dict[str, Any]) -> str:
    """The first example of what it answers, written out; empty without one."""
    answer = operation.get("responses", {}).get("200", {})
    for kind in answer.get("content", {}).values():
        for example in kind.get("examples", {}).values():
            return json.dumps(example.get("value"), ensure_ascii=False, indent=2)
    return ""


def _schema(request: HttpRequest) -> dict[str, Any]:
    """Of the addresses of the host that was asked."""
    for extension in settings.API_DESCRIBED_WITH:
        dotted(extension)  # it registers itself by being imported
    made_by = SchemaGenerator(urlconf=getattr(request, "urlconf", None))  # type: ignore[no-untyped-call]
    found: dict[str, Any] = made_by.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


schema.open_reason = docs.open_reason = OPEN_REASON  # type: ignore[attr-defined]  # read by the walk over all views
