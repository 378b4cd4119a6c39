"""Forms of care: rooms, sessions, duties, incidents, and a leader's mending of the record."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import in_our_years
from schools.care import queries
from schools.care.models import Condition, DutyRole, Room, Session
from schools.care.roll import Consent, moment_of
from schools.care.states import UNDONE, IncidentState, SessionState
from schools.people.models import Guardian, Pupil, Tie
from schools.staffing.forms import DateInput
from schools.staffing.models import Clearance, Contract

ALL = ("", _("全部"))


class TimeInput(forms.TimeInput):
    """The browser's own clock."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class RoomForm(forms.Form):
    """S2, S34."""

    name = forms.CharField(label=_("名称"), max_length=60, help_text=_("例如“教学楼201室”“操场”。"))
    places = forms.IntegerField(label=_("容纳人数"), min_value=1, max_value=2000)
    condition = forms.ChoiceField(label=_("状况"), choices=Condition.choices)

    def clean_condition(self) -> Condition:
        return Condition(self.cleaned_data["condition"])


class SpanForm(forms.Form):
    """Which days of a room's sessions."""

    first = forms.DateField(label=_("起"), required=False, widget=DateInput, validators=[in_our_years])
    last = forms.DateField(label=_("止"), required=False, widget=DateInput, validators=[in_our_years])


class DayForm(forms.Form):
    """A day that is not over."""

    day = forms.DateField(label=_("日期"), widget=DateInput, validators=[in_our_years])

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("这一天已经过去，不能再取消。"))
        return day


class OfShownSessions(forms.Form):
    """About the sessions that the page showed, whatever became of them since."""

    sessions = forms.CharField(widget=forms.HiddenInput, max_length=100_000)

    def __init__(self, *args: Any, sessions: Iterable[Session], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["sessions"] = ",".join(str(row.pk) for row in sessions)

    def clean_sessions(self) -> list[Session]:
        """Raises ValidationError for what no page sends."""
        try:
            keys = [UUID(key) for key in self.cleaned_data["sessions"].split(",")]
        except ValueError:
            raise forms.ValidationError(_("页面已过期，请刷新后再试。")) from None
        return list(queries.sessions().filter(pk__in=keys))


class CancelDayForm(OfShownSessions):
    """Why; on a day that the city has put off, its own word stands there already."""

    reason = forms.CharField(
        label=_("原因"),
        max_length=200,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("家长和值班老师会收到通知，看到这个原因。例如“台风停课”。"),
    )
    field_order = ("reason", "sessions")


class RestoreForm(OfShownSessions):
    """Why they take place after all."""

    reason = forms.CharField(
        label=_("说明"),
        max_length=200,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("家长会收到通知，看到这个说明。例如“台风没有登陆，照常上课”。"),
    )
    field_order = ("reason", "sessions")


class MoveForm(OfShownSessions):
    """Where to and why."""

    to = forms.ChoiceField(label=_("改到"), help_text=_("只列出在用、放得下的场地。"))
    reason = forms.CharField(
        label=_("原因"),
        max_length=200,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("家长和值班老师会收到通知，看到这个原因。例如“一楼漏水，正在维修”。"),
    )
    field_order = ("to", "reason", "sessions")

    def __init__(self, *args: Any, rooms: Iterable[Room], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rooms = {str(room.pk): room for room in rooms}
        choices = [("", _("请选择")), *((key, room.name) for key, room in self.rooms.items())]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]

    def clean_to(self) -> Room:
        return self.rooms[self.cleaned_data["to"]]


class CloseForm(forms.Form):
    """S22: what was done."""

    note = forms.CharField(
        label=_("服务记录"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("做了什么，有没有异常。例如“作业辅导，全部完成，无异常”。"),
    )


class CancelForm(forms.Form):
    """Families read the reason."""

    reason = forms.CharField(
        label=_("取消原因"),
        max_length=200,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("家长会收到通知，看到这个原因。"),
    )


class ReasonForm(forms.Form):
    """Why a past day is written down only now."""

    reason = forms.CharField(
        label=_("原因"),
        max_length=200,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("例如“老师手机没电，由我当场清点”“临时停电，没有开展”。"),
    )


class IncidentForm(forms.Form):
    """S23."""

    pupil = forms.ChoiceField(label=_("涉及的学生"), required=False)
    summary = forms.CharField(
        label=_("经过"),
        max_length=500,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("发生了什么，已经怎样处理。家长会看到，其中别的学生的姓名会写成“某学生”。"),
    )
    happened = forms.TimeField(label=_("发生时间"), widget=TimeInput)
    is_missing = forms.BooleanField(label=_("孩子找不到了"), required=False)

    def __init__(self, *args: Any, session: Session, pupils: list[Pupil], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session, self.pupils = session, {str(pupil.pk): pupil for pupil in pupils}
        choices = [("", _("不涉及某一名学生")), *((key, pupil.name) for key, pupil in self.pupils.items())]
        self.fields["pupil"].choices = choices  # type: ignore[attr-defined]

    def clean_pupil(self) -> Pupil | None:
        return self.pupils.get(self.cleaned_data["pupil"])

    def clean_happened(self) -> datetime:
        return moment_of(self.session.date, self.cleaned_data["happened"])


class OutcomeForm(forms.Form):
    """What came of an incident."""

    outcome = forms.CharField(label=_("处理结果"), max_length=500, widget=forms.Textarea({"rows": 4}))


class IncidentFilter(forms.Form):
    """Filters of the list of incidents."""

    state = forms.ChoiceField(label=_("状态"), required=False, choices=[ALL, *IncidentState.choices])


class SessionFilter(forms.Form):
    """Filters of the list of sessions; nonsense in the address filters nothing."""

    first = forms.DateField(label=_("起"), required=False, widget=DateInput, validators=[in_our_years])
    last = forms.DateField(label=_("止"), required=False, widget=DateInput, validators=[in_our_years])
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[ALL, (UNDONE, _("还没有开展或取消")), *SessionState.choices]
    )
    unstaffed = forms.BooleanField(label=_("只看待排班"), required=False)


class PersonForm(forms.Form):
    """Who stands in: people who are cleared on the day and free at the time."""

    person = forms.ChoiceField(label=_("人员"))

    def __init__(self, *args: Any, people: list[Clearance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(clearance.pk): clearance.contract for clearance in people}
        choices = [(key, contract.candidate.name) for key, contract in self.people.items()]
        self.fields["person"].choices = [("", _("请选择")), *choices]  # type: ignore[attr-defined]

    def clean_person(self) -> Contract:
        return self.people[self.cleaned_data["person"]]


class SeriesForm(PersonForm):
    """One person for all sessions of an activity that have nobody yet."""

    role = forms.ChoiceField(label=_("职责"), choices=DutyRole.choices)

    def clean_role(self) -> DutyRole:
        return DutyRole(self.cleaned_data["role"])


class SwapForm(forms.Form):
    """With which other duty of the coming weeks."""

    other = forms.ChoiceField(label=_("与谁对调"))

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = [("", _("请选择")), *choices]  # type: ignore[attr-defined]


class LateForm(forms.Form):
    """A leader states afterwards how a child left, with the hour; only registered adults are offered (S24)."""

    collector = forms.ChoiceField(label=_("由谁接走"))
    at = forms.TimeField(label=_("离校时间"), widget=TimeInput)

    ALONE, NEXT = "alone", "next"

    def __init__(
        self,
        *args: Any,
        day: date,
        collectors: Iterable[Tie],
        consent: Consent | None,
        onward: Session | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.day, self.ties = day, {str(tie.guardian_id): tie for tie in collectors}
        choices = [("", _("请选择")), *((key, _named(tie)) for key, tie in self.ties.items())]
        self.consent = consent
        if consent:
            until = None if consent.holds else consent.until
            said = (
                _("按协议自行离校（%(until)s 起同意失效）") % {"until": _minute(until)}
                if until
                else _("按协议自行离校")
            )
            choices.append((self.ALONE, said))
        if onward:
            choices.append((self.NEXT, _("转到下一场“%(title)s”") % {"title": onward.activity.title}))
        self.fields["collector"].choices = choices  # type: ignore[attr-defined]

    def clean_collector(self) -> Guardian | str:
        """The adult; or ALONE or NEXT."""
        chosen: str = self.cleaned_data["collector"]
        return self.ties[chosen].guardian if chosen in self.ties else chosen

    def clean_at(self) -> datetime:
        return moment_of(self.day, self.cleaned_data["at"])

    def clean(self) -> dict[str, Any]:
        """Who could collect the child for a part of the day, or said that it goes alone, for that part."""
        said = super().clean() or self.cleaned_data
        tie, at = self.ties.get(self.data.get("collector", "")), said.get("at")
        until = _ended(tie) if tie else None
        if until and at and at >= until:
            self.add_error("at", _("%(until)s 起此人不得接走这个孩子。") % {"until": _minute(until)})
        if self.data.get("collector") == self.ALONE and self.consent and at and not self.consent.could(at):
            self.add_error("at", _("这时自行离校的同意已失效，请写失效以前的时间，或选接走孩子的人。"))
        return said


class HomeForm(forms.Form):
    """A guardian's word about going home alone, with the moment of the last one that the page has shown."""

    answer = forms.ChoiceField(
        label=_("孩子怎样离校"),
        choices=[("no", _("由登记的接送人来接")), ("yes", _("孩子自己回家，我知晓并同意"))],
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, *, consent: Consent, may_say_yes: bool) -> None:
        """Beside another guardian's no there is only a no more to say."""
        super().__init__(data, initial={"seen": consent.word_at.isoformat() if consent.word_at else ""})
        if not may_say_yes and data is None:
            self.fields["answer"].choices = [("no", _("我也要求由登记的接送人来接"))]  # type: ignore[attr-defined]

    def clean_seen(self) -> datetime | None:
        """None where nobody had said a word since the agreement."""
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"]) if self.cleaned_data["seen"] else None
        except ValueError:
            raise forms.ValidationError(_("请刷新页面后再答复。")) from None


def _named(tie: Tie) -> str:
    until = _ended(tie)
    if until is None:
        return tie.guardian.name
    return str(_("%(name)s（%(until)s 起不得接走）")) % {"name": tie.guardian.name, "until": _minute(until)}


def _ended(tie: Tie) -> datetime | None:
    """Until when the adult could collect, where it no longer can."""
    return None if tie.may_collect else tie.collected_until


def _minute(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"
