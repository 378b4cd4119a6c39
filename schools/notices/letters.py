"""告家长书 as a printable PDF with a receipt slip to cut off (S5)."""

from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.pages import documents
from schools.notices.models import Notice


def letter(notice: Notice, *, school_name: str) -> bytes:
    """The same notice gives the same bytes."""
    day = timezone.localdate(notice.published_at)
    data = {
        "title": notice.title,
        "school": school_name,
        "number": _("通知编号 %(number)s") % {"number": number(notice)},
        "greeting": _("尊敬的家长："),
        "paragraphs": [line for line in notice.body.splitlines() if line.strip()],
        "signed": school_name,
        "date": f"{day.year}年{day.month}月{day.day}日",
        "receipt": {
            "title": _("回执"),
            "lines": [_("班级"), _("学生姓名"), _("家长签名"), _("日期")],
            "choices": [_("已阅，知晓"), _("希望老师联系我")],
        },
        "foot": _("请沿虚线剪下回执，由孩子交给班主任。也可以在手机上打开通知，打开即表示已阅。"),
    }
    return documents.render_pdf("letter", data)


def number(notice: Notice) -> str:
    """To quote: T20260901-3F9A2C."""
    return f"T{timezone.localdate(notice.published_at):%Y%m%d}-{notice.pk.hex[-6:].upper()}"
