"""The application form and the agreement as PDF: the frozen text, the signatures, the hash."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from afterbell.pages.documents import render_pdf
from schools.enrolment import signing, wording
from schools.enrolment.models import (
    Agreement,
    Application,
    ChosenActivity,
    Placing,
    SignatureMode,
    Supplement,
)
from tenants.models import School

TEMPLATE = "signed_text"


def of_application(application: Application, school: School) -> HttpResponse:
    """申请表."""
    data = _data(school, application.number, application.text, application.text_sha256)
    data["signatures"] = [_guardians(application)]
    return _pdf(data, application.number, application.submitted_at)


def of_supplement(supplement: Supplement, school: School) -> HttpResponse:
    """补充申请表, with the place that was given for it."""
    data = _data(school, supplement.number, supplement.text, supplement.text_sha256)
    data["signatures"] = [_guardians(supplement)]
    data["notes"] = [
        f"名额：{row.activity.title}　{_given(row)}" for row in supplement.choices.select_related("activity")
    ]
    return _pdf(data, supplement.number, supplement.submitted_at)


def of_agreement(agreement: Agreement, school: School) -> HttpResponse:
    """协议, with both signatures."""
    data = _data(school, agreement.number, agreement.text, agreement.text_sha256)
    data["signatures"] = [
        _guardians(agreement.application),
        {
            "label": "乙方（学校）",
            "name": f"{school.name}　{agreement.school_signed_by.name}",
            "date": _day(agreement.school_signed_at),
            "strokes": [],
        },
    ]
    data["notes"] = [
        f"生效日期：{agreement.from_date:%Y-%m-%d}　终止日期：{agreement.until_date:%Y-%m-%d}",
        *_places(agreement.application),
        *_supplements(agreement.application),
    ]
    return _pdf(data, agreement.number, agreement.school_signed_at)


def _data(school: School, number: str, text: str, sha256: str) -> dict[str, Any]:
    title, *lines = text.splitlines()
    return {
        "title": title,
        "school": school.name,
        "number": number,
        "lines": lines,
        "sha256": sha256,
        "notes": [],
        "box": [signing.WIDTH, signing.HEIGHT],
    }


def _guardians(form: Application | Supplement) -> dict[str, Any]:
    is_drawn = form.signature_mode == SignatureMode.DRAWN
    return {
        "label": "家长签名" if is_drawn else "家长签名（以输入姓名代替手写）",
        "name": form.guardian.name if is_drawn else form.signature,
        "date": _day(form.submitted_at),
        "strokes": signing.strokes(form.signature) if is_drawn else [],
    }


def _places(application: Application) -> list[str]:
    """Beside the text that was signed: what was given of it so far, where each activity has its own turn."""
    if application.placing != Placing.EACH:
        return []
    rows = (
        application.choices.filter(supplement=None)
        .select_related("activity")
        .order_by("activity__weekday", "activity__starts", "activity__title", "pk")
    )
    return [f"名额：{wording.when(row.activity)} {row.activity.title}　{_given(row)}" for row in rows]


def _supplements(application: Application) -> list[str]:
    """What was added to the agreement, by its own signed forms."""
    rows = application.choices.exclude(placed_from=None).select_related("activity", "supplement")
    return [
        f"补充申请 {row.supplement.number}：{wording.when(row.activity)} {row.activity.title}　{_given(row)}"
        for row in rows.order_by("placed_at", "pk")
        if row.supplement is not None
    ]


def _given(row: ChosenActivity) -> str:
    if row.placed_from is not None:
        return f"{row.placed_from:%Y-%m-%d} 起"
    return "候补中" if row.is_open else "未取得"


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _pdf(data: dict[str, Any], number: str, at: datetime) -> HttpResponse:
    response = HttpResponse(render_pdf(TEMPLATE, data, at=at), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{number}.pdf"'
    return response
