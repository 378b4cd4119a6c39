"""Forms of the set-up: what an officer types; whether it can be, the actions say."""

from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import Period, in_our_years
from tenants import calendar_actions, district_actions, term_actions
from tenants.models import CalendarOverride, District, Kind, School, SizeClass, Stage, Term

DAY: Final[dict[str, Any]] = {
    "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    "validators": [in_our_years],
}
WEEKDAYS: Final = (
    ("1", _("星期一")), ("2", _("星期二")), ("3", _("星期三")), ("4", _("星期四")), ("5", _("星期五")),
    ("6", _("星期六")), ("7", _("星期日")),
)  # fmt: skip
WHOLE_CITY: Final = ("", _("全市"))
LINES_MOST: Final = 4000


class DistrictForm(forms.Form):
    """A new district."""

    code = forms.CharField(
        label=_("行政区划代码"), max_length=6, help_text=_("6 位数字，例如 330102。建立后不能修改。")
    )
    name = forms.CharField(label=_("区县名称"), max_length=district_actions.NAME_MOST)


class RenameForm(forms.Form):
    """Another name; `seen` is the one that stood there when the page was opened."""

    name = forms.CharField(label=_("区县名称"), max_length=district_actions.NAME_MOST)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=district_actions.NAME_MOST)


class SchoolForm(forms.Form):
    """A new school: the facts of `afterbell school add`."""

    code = forms.CharField(
        label=_("学校标识码"), max_length=10, help_text=_("10 位数字。网址由它组成，建立后不能修改。")
    )
    name = forms.CharField(label=_("学校名称"), max_length=80)
    district = forms.ChoiceField(label=_("区县"))
    stage = forms.ChoiceField(label=_("学段"), choices=Stage.choices)
    kind = forms.ChoiceField(label=_("城乡分类"), choices=Kind.choices)
    size_class = forms.ChoiceField(label=_("规模"), choices=SizeClass.choices)

    def __init__(self, *args: Any, districts: list[District], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_code = {each.code: each for each in districts}
        self.fields["district"].choices = [(each.code, each.name) for each in districts]  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not (code.isascii() and code.isdigit() and len(code) == School._meta.get_field("code").max_length):
            raise ValidationError(_("学校标识码应为 10 位数字。"))
        return code

    def clean_district(self) -> District:
        return self.by_code[self.cleaned_data["district"]]


class TermForm(forms.Form):
    """A new term."""

    code = forms.CharField(
        label=_("学期代码"),
        max_length=11,
        help_text=_("学年加学期：2026-2027-1 是第一学期，2026-2027-2 是第二学期。建立后不能修改。"),
    )
    name = forms.CharField(
        label=_("名称"),
        max_length=term_actions.NAME_MOST,
        help_text=_("家长会看到，例如“2026—2027学年第一学期”。"),
    )
    first_date = forms.DateField(label=_("开学日期"), **DAY)
    last_date = forms.DateField(label=_("结束日期"), help_text=_("最后一个上学日。"), **DAY)


class SeenTermForm(forms.Form):
    """What stood there of a term when the page was opened."""

    seen_name = forms.CharField(widget=forms.HiddenInput, max_length=term_actions.NAME_MOST)
    seen_first = forms.DateField(widget=forms.HiddenInput)
    seen_last = forms.DateField(widget=forms.HiddenInput)

    def seen(self, term: Term) -> Term:
        """The term as the officer saw it."""
        given = self.cleaned_data
        return Term(
            pk=term.pk,
            code=term.code,
            name=given["seen_name"],
            first_date=given["seen_first"],
            last_date=given["seen_last"],
        )


class TermChangeForm(SeenTermForm):
    """Other dates than were seen."""

    name = forms.CharField(label=_("名称"), max_length=term_actions.NAME_MOST)
    first_date = forms.DateField(label=_("开学日期"), **DAY)
    last_date = forms.DateField(label=_("结束日期"), **DAY)

    def moves(self) -> bool:
        """Whether the dates are others than those that were seen."""
        given = self.cleaned_data
        return bool((given["first_date"], given["last_date"]) != (given["seen_first"], given["seen_last"]))


class YearForm(forms.Form):
    """Which year of whose calendar."""

    year = forms.IntegerField(label=_("年份"), min_value=2000, max_value=2199)
    district = forms.ChoiceField(label=_("区县"), required=False)

    def __init__(self, *args: Any, districts: list[District], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_code = {each.code: each for each in districts}
        choices = [WHOLE_CITY, *((each.code, each.name) for each in districts)]
        self.fields["district"].choices = choices  # type: ignore[attr-defined]

    def chosen(self, *, today: date) -> tuple[int, District | None]:
        """What can be used; this year of the whole city otherwise."""
        self.is_valid()
        given = self.cleaned_data
        return given.get("year") or today.year, self.by_code.get(given.get("district", ""))


class DayForm(forms.Form):
    """Whether there is school on one day, and why; `seen` is what stood there."""

    is_school_day = forms.ChoiceField(
        label=_("这一天"), choices=(("yes", _("上课")), ("no", _("不上课"))), widget=forms.RadioSelect
    )
    follows_weekday = forms.ChoiceField(
        label=_("按星期几的课表"),
        choices=(("", _("按当天的星期")), *WEEKDAYS),
        required=False,
        help_text=_("调休上课日要选。不上课时不用选。"),
    )
    reason = forms.CharField(
        label=_("原因"),
        max_length=calendar_actions.REASON_MOST,
        help_text=_("学校会看到，例如“国庆节调休上课”。"),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def clean_is_school_day(self) -> bool:
        return bool(self.cleaned_data["is_school_day"] == "yes")

    def clean_follows_weekday(self) -> int | None:
        return int(self.cleaned_data["follows_weekday"]) if self.cleaned_data["follows_weekday"] else None


class DaysForm(forms.Form):
    """The State Council's notice of a year, typed in."""

    first = forms.DateField(label=_("从"), **DAY)
    last = forms.DateField(label=_("到"), **DAY)
    holidays = forms.CharField(
        label=_("放假的日子"),
        max_length=LINES_MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "一行一天，或一行一段：2027-01-01，或 2027-02-05 至 2027-02-11。周六、周日本来不上课，可以不写。"
        ),
    )
    make_up_days = forms.CharField(
        label=_("调休上课的日子"),
        max_length=LINES_MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("一行一天，等号后写按星期几的课表（1 至 7）：2027-01-09=5 是按星期五的课表。"),
    )
    reason = forms.CharField(
        label=_("依据"), max_length=calendar_actions.REASON_MOST, help_text=_("例如“2027年放假安排”。")
    )

    def clean_holidays(self) -> list[date]:
        days: list[date] = []
        for line in self.cleaned_data["holidays"].splitlines():
            if line.strip():
                days += _stretch(line.strip())
        return days

    def clean_make_up_days(self) -> dict[date, int]:
        found = {}
        for line in self.cleaned_data["make_up_days"].splitlines():
            day, _equals, weekday = line.strip().partition("=")
            if not line.strip():
                continue
            if weekday.strip() not in dict(WEEKDAYS):
                raise ValidationError(
                    _("“%(line)s”看不懂，请写成 2027-01-09=5。"), params={"line": line[:40]}
                )
            found[_one(day)] = int(weekday)
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last:
            self._inside(given, first, last)
        return given

    def _inside(self, given: dict[str, Any], first: date, last: date) -> None:
        if last < first or (last - first).days > 366:
            self.add_error("last", _("结束日期不能早于开始日期，最多一年。"))
            return
        period = Period(first, last)
        for name in ("holidays", "make_up_days"):
            strangers = [day for day in given.get(name, ()) if day not in period]
            if strangers:
                words = _("%(date)s 不在所填的日期之内。") % {"date": strangers[0]}
                self.add_error(name, words)
        both = set(given.get("holidays", ())) & set(given.get("make_up_days", ()))
        if both:
            words = _("%(date)s 既放假又上课，请改正。") % {"date": min(both)}
            self.add_error("make_up_days", words)


class AdoptForm(forms.Form):
    """From which day on a ready profile is in force, and for whom."""

    valid_from_date = forms.DateField(
        label=_("生效日期"), help_text=_("一般是学期的第一天。生效后不能修改，只能用新的档案接替。"), **DAY
    )
    district = forms.ChoiceField(label=_("适用区县"), required=False)
    kind = forms.ChoiceField(
        label=_("适用的城乡分类"), required=False, choices=(("", _("全部")), *Kind.choices)
    )

    def __init__(self, *args: Any, districts: list[District], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_code = {each.code: each for each in districts}
        choices = [WHOLE_CITY, *((each.code, each.name) for each in districts)]
        self.fields["district"].choices = choices  # type: ignore[attr-defined]

    def clean_district(self) -> District | None:
        return self.by_code.get(self.cleaned_data["district"])


def seen_of(row: CalendarOverride | None) -> str:
    """What stands there, as a hidden field carries it; empty where the national calendar counts."""
    return f"{int(row.is_school_day)}|{row.follows_weekday or ''}|{row.reason}" if row else ""


def seen_from(text: str) -> CalendarOverride | None:
    """The other way round; a text that we never wrote matches no row."""
    if not text:
        return None
    is_open, weekday, reason = ([*text.split("|", 2), "", "", ""])[:3]
    return CalendarOverride(
        is_school_day=is_open == "1",
        follows_weekday=int(weekday) if weekday.isascii() and weekday.isdigit() else None,
        reason=reason,
    )


def _stretch(line: str) -> list[date]:
    first, _until, last = line.partition("至")
    begin = _one(first)
    end = _one(last) if last else begin
    if end < begin or (end - begin).days > 366:
        raise ValidationError(_("“%(line)s”的结束早于开始，或超过一年。"), params={"line": line[:40]})
    return list(Period(begin, end))


def _one(text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ValidationError(
            _("“%(line)s”不是日期，请写成 2027-01-01。"), params={"line": text[:40]}
        ) from None
    in_our_years(day)
    return day
