"""The receipt of a payment as PDF."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.kernel.money import Fen, format_fen
from afterbell.pages.documents import render_pdf
from schools.finance.models import Payment


def pdf(payment: Payment, school_name: str, *, with_names: bool = True) -> bytes:
    """The house's letter with the payment as its table; across it that it is void, where the payment was undone.

    `payment` as the queries read it, with whether it was undone. The paper stays to be had: the family may have shown
    it to somebody, and sees on it what became of the money.
    """
    pupil = payment.agreement.pupil
    paid_at = timezone.localtime(payment.paid_at)
    rows = [
        *([[_("学生"), pupil.name]] if with_names else []),
        [_("协议编号"), payment.agreement.number],
        [_("学期"), payment.agreement.plan.term_code],
        [_("项目"), _("课后服务费")],
        [_("支付流水号"), payment.provider_key],
        [_("支付时间"), f"{paid_at:%Y-%m-%d %H:%M}"],
        [_("金额"), format_fen(Fen(payment.amount_fen))],
    ]
    return render_pdf(
        "letter",
        {
            "title": _("课后服务费收据"),
            "school": school_name,
            "number": payment.receipt_number,
            "greeting": _("收到下列款项："),
            "paragraphs": [],
            "table": {"columns": [_("项目"), _("内容")], "rows": rows, "numbers": []},
            "signed": school_name,
            "date": f"{paid_at:%Y-%m-%d}",
            "void": _void(payment),
            "receipt": None,
        },
    )


def _void(payment: Payment) -> dict[str, str] | None:
    if payment.undone_at is None:
        return None
    said = _("本收据已作废，不再作为缴费凭证。%(undone)s。") % {"undone": payment.undone_word}
    return {"mark": _("已作废"), "said": said}


def response(payment: Payment, school_name: str, *, with_names: bool = True) -> HttpResponse:
    """Shown in the browser, kept by no cache."""
    name = f"{payment.receipt_number}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(
        pdf(payment, school_name, with_names=with_names), content_type="application/pdf", headers=headers
    )
