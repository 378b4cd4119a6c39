"""Forms of the public pages: filters, and what is handed in to be checked."""

import re
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from oversight.disclosure import checking, queries, releases
from oversight.disclosure.checking import Checked
from oversight.disclosure.models import Release
from oversight.disclosure.queries import Narrowing
from oversight.indicators.queries import TermChoice
from tenants.models import Kind, Stage

ALL: Final = ("", _("全部"))
MOST_BYTES: Final = 256 * 1024
MOST_BODY: Final = 1024 * 1024
"""Of a request: a text of MOST_BYTES may be three times as long on its way."""
HASH: Final = re.compile(r"\A[0-9a-f]{64}\Z")
TOO_LARGE: Final = _("文件超过 256 KB。公示全文一般只有几 KB，请确认选对了文件。")
NOT_TEXT: Final = _(
    "这个文件不是 UTF-8 编码的文本。请上传从学校公开账目页下载的原文件，不要用其他软件打开后另存。"
)


class OpenFilter(forms.Form):
    """Term, district and search; nonsense is an error in words, and filters nothing."""

    term = forms.ChoiceField(label=_("学期"), required=False)
    district = forms.ChoiceField(label=_("区县"), required=False)
    search = forms.CharField(label=_("学校名称或标识码"), max_length=80, required=False)

    def __init__(self, data: Any, *, terms: list[TermChoice], districts: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.now = next((term.code for term in terms if term.is_current), terms[0].code if terms else "")
        self._choose("term", [(term.code, term.name) for term in terms])
        self._choose("district", [ALL, *districts])
        self.is_valid()

    @property
    def chosen(self) -> dict[str, str]:
        """What filters; without a term the running one."""
        found = {name: self.cleaned_data.get(name, "") for name in self.fields}
        return {**found, "term": found["term"] or self.now}

    def _choose(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


class FeeFilter(OpenFilter):
    """Of the list of fee standards."""

    stage = forms.ChoiceField(label=_("学段"), choices=[ALL, *Stage.choices], required=False)
    kind = forms.ChoiceField(label=_("城乡"), choices=[ALL, *Kind.choices], required=False)
    field_order = ("term", "district", "stage", "kind", "search")


class StatementFilter(OpenFilter):
    """Of the list of statements; its months are those of the term."""

    month = forms.ChoiceField(label=_("月份"), required=False)
    field_order = ("term", "month", "district", "search")

    def __init__(self, data: Any, *, terms: list[TermChoice], districts: list[tuple[str, str]]) -> None:
        super().__init__(data, terms=terms, districts=districts)
        known = queries.months(self.chosen["term"])
        self._choose("month", [ALL, *((month, month) for month in known)])
        self.full_clean()

    @property
    def narrowing(self) -> Narrowing:
        return Narrowing(**self.chosen)


class ReleaseFilter(forms.Form):
    """The choices of the fixed tables: of which term, and as of which day; without a day the latest."""

    term = forms.ChoiceField(label=_("学期"), required=False)
    day = forms.ChoiceField(label=_("公布日期"), required=False)

    def __init__(self, data: Any, *, terms: list[TermChoice]) -> None:
        super().__init__(data)
        self.fields["term"].choices = [(term.code, term.name) for term in terms]  # type: ignore[attr-defined]
        self.is_valid()
        now = next((term.code for term in terms if term.is_current), terms[0].code if terms else "")
        self.chosen = self.cleaned_data.get("term") or now
        days = [(day.isoformat(), day.isoformat()) for day in releases.days(self.chosen)]
        self.fields["day"].choices = [("", _("最近一次")), *days]  # type: ignore[attr-defined]
        self.full_clean()
        self.of_day: str = self.cleaned_data.get("day", "")
        query = {"term": self.chosen, **({"day": self.of_day} if self.of_day else {})}
        self.start = f"?{urlencode(query)}&"

    @property
    def release(self) -> Release | None:
        """What it asks for; None before anything was published."""
        if self.of_day:
            return releases.of_day(self.chosen, date.fromisoformat(self.of_day))
        return releases.last(self.chosen)


class CheckForm(forms.Form):
    """A hash, a text or a file: one of them."""

    sha256 = forms.CharField(
        label=_("校验码（SHA-256）"),
        required=False,
        max_length=400,
        help_text=_("64 位的数字和字母 a–f；sha256sum 命令显示的整行也可以。"),
    )
    text = forms.CharField(
        label=_("或者：公示全文"),
        required=False,
        strip=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("从第一行 afterbell-statement 起，整段复制粘贴。"),
    )
    file = forms.FileField(
        label=_("或者：下载的文件"), required=False, help_text=_("只核对，不保存。不超过 256 KB。")
    )

    def clean_sha256(self) -> str:
        given = str(self.cleaned_data["sha256"]).split()
        found = given[0].removeprefix("\\").lower() if given else ""
        if found and not HASH.match(found):
            raise forms.ValidationError(_("校验码应是 64 位，只含数字和字母 a 到 f。请检查是否复制完整。"))
        return found

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        return text if text.strip() else ""

    def clean_file(self) -> bytes | None:
        """Read at once; an empty file never comes here."""
        given = self.cleaned_data["file"]
        if not isinstance(given, UploadedFile):
            return None
        if (given.size or 0) > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return bytes(given.read())

    def clean(self) -> dict[str, Any]:
        found = dict(super().clean() or {})
        given = [name for name in self.fields if found.get(name)]
        if not self.errors and len(given) != 1:
            none = _("请填写校验码，或粘贴全文，或选择文件。")
            raise forms.ValidationError(none if not given else _("三种方式请只用一种，以免核对了别的内容。"))
        return found

    def checked(self) -> Checked | None:
        """The answer; None for what can't be read, which is an error of the form then."""
        given = self.cleaned_data
        if given["sha256"]:
            return checking.check_hash(given["sha256"])
        if given["text"]:
            return checking.check_text(given["text"])
        try:
            return checking.check_bytes(given["file"])
        except checking.NotText:
            self.add_error("file", NOT_TEXT)
            return None
