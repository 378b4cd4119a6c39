"""The way to a running city: what is done, what comes next, and where."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from oversight.setup import queries
from oversight.setup.queries import Start

Task = dict[str, object]


@require_GET
@requires(Permission.CALENDAR_MANAGE)
def start(request: HttpRequest) -> HttpResponse:
    """A task list; the first that is open comes next."""
    found = tasks(queries.start(local_date(timezone.now())))
    return render(
        request,
        "setup/start.html",
        {"tasks": found, "is_done": all(task["state"] == "good" for task in found)},
    )


def tasks(has: Start) -> list[Task]:
    """In the order in which they lead to a school's first day."""
    found = [
        _task(_("区县"), reverse("setup:districts"), done=has.districts > 0, why=_("学校登记在区县里")),
        _task(
            _("政策档案"),
            reverse("setup:policies"),
            done=has.has_rules,
            why=_("请选一份现成的档案并定下生效日期：收费、退费和期限都由它定"),
        ),
        _task(_("学期"), reverse("setup:terms"), done=has.term is not None, why=_term_why()),
        _task(_("校历"), _calendar_url(has), done=_is_calendar_whole(has), why=_calendar_why(has)),
        _task(
            _("学校"),
            reverse("register:schools"),
            done=has.schools > 0,
            why=_("请开通学校；很多学校用命令 afterbell school open --from 名单.csv"),
        ),
        _task(
            _("监管人员"),
            reverse("accounts:users"),
            done=has.supervisors > 0,
            why=_("请建立教育局监管人员的账号：方案由他们受理"),
        ),
        _task(
            _("安全管理员和审计管理员"),
            "",
            done=len(has.administrators) == 3,
            why=_(
                "三位管理员是三个人。请在服务器上运行 afterbell account add --city --role security_admin（或 audit_admin）"
            ),
        ),
        _task(
            _("短信"),
            "",
            done=has.sends,
            why=_("请接通短信（CODE_SENDER，见 README）：家长用验证码登录，教职工的设置链接也发到手机"),
        ),
    ]
    first = next((task for task in found if task["state"] != "good"), None)
    if first is not None:
        first |= {"state": "now", "word": _("待办")}
    return found


def _task(title: str, url: str, *, done: bool, why: str) -> Task:
    if done:
        return {"title": title, "url": url, "state": "good", "word": _("已完成"), "why": ""}
    return {"title": title, "url": url, "state": "quiet", "word": _("未完成"), "why": why}


def _term_why() -> str:
    return _("请添加本学期或下学期：没有学期，学校不能征询意愿")


def _is_calendar_whole(has: Start) -> bool:
    return has.term is not None and has.unknown is None and not has.unsettled


def _calendar_why(has: Start) -> str:
    if has.unknown is not None:
        return _("请录入 %(first)s 至 %(last)s 的放假安排：平台还没有这一年的全国安排") % {
            "first": has.unknown.first,
            "last": has.unknown.last,
        }
    if has.unsettled:
        return _("请说明调休上课日按星期几的课表：%(days)s") % {"days": "、".join(map(str, has.unsettled))}
    return _("有了学期，就能核对校历")


def _calendar_url(has: Start) -> str:
    if has.unknown is not None:
        return f"{reverse('setup:calendar')}?year={has.unknown.first.year}"
    if has.unsettled:
        return f"{reverse('setup:calendar')}?year={has.unsettled[0].year}"
    return reverse("setup:calendar")
