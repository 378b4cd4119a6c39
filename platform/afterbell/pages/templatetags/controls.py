"""{% control field %}: the widget of a form field with our classes, whatever kind of widget it is."""

from django import template
from django.core.exceptions import ValidationError
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    Field,
    FileInput,
    MultiWidget,
    RadioSelect,
    Select,
    Textarea,
    Widget,
)
from django.forms.boundfield import BoundWidget
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def kind(field: BoundField) -> str:
    """How the field is laid out: 'choices' (radio, several boxes), 'check' (one box), 'hidden' or 'input'."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    return "check" if isinstance(widget, CheckboxInput) else "input"


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """One widget; keeps what was typed."""
    widget = field.field.widget
    classes = " ".join(
        filter(None, (str(widget.attrs.get("class", "")), _class(widget, wrong=bool(field.errors))))
    )
    return field.as_widget(attrs={"class": classes})


@register.simple_tag
def options(field: BoundField) -> list[BoundWidget]:
    """The single choices of radio buttons or boxes, each with our class."""
    widget = field.field.widget
    classes = "form-check-input is-invalid" if field.errors else "form-check-input"
    attrs = field.build_widget_attrs({"id": field.auto_id, "class": classes})
    parts = widget.subwidgets(field.html_name, field.value(), attrs=attrs)
    return [BoundWidget(widget, part, field.form.renderer) for part in parts]


@register.filter
def sentences(field: BoundField) -> list[str]:
    """What is wrong with a field. Django's "this field is required" becomes a sentence that names the field."""
    found = field.form.errors.as_data().get(field.name, [])
    return [_required(field) if _is_stock(error) else str(text) for error in found for text in error]


@register.filter
def naming(sentence: str, field: BoundField) -> str:
    """A sentence that stands away from its field says which field it means."""
    label = _bare_label(field)
    return (
        sentence
        if label in sentence
        else _("%(label)s：%(sentence)s") % {"label": label, "sentence": sentence}
    )


@register.filter
def first_id(field: BoundField) -> str:
    """Where a link to the field must lead: its control, or the first of its choices."""
    if kind(field) == "choices":
        return f"{field.auto_id}_0"
    return f"{field.auto_id}_0" if isinstance(field.field.widget, MultiWidget) else field.auto_id


def _is_stock(error: ValidationError) -> bool:
    return error.code == "required" and str(error.message) == str(Field.default_error_messages["required"])


def _required(field: BoundField) -> str:
    label = _bare_label(field)
    if kind(field) == "check":
        return _("请勾选“%(label)s”") % {"label": label}
    chosen = kind(field) == "choices" or isinstance(field.field.widget, Select | FileInput)
    return (_("请选择“%(label)s”") if chosen else _("请填写“%(label)s”")) % {"label": label}


def _bare_label(field: BoundField) -> str:
    return str(field.label).rstrip("：:？?")


def _class(widget: Widget, *, wrong: bool) -> str:
    if isinstance(widget, CheckboxInput):
        base = "form-check-input"
    elif isinstance(widget, Select):
        base = "form-select"
    else:
        base = "form-control ab-text" if isinstance(widget, Textarea) else "form-control"
    return f"{base} is-invalid" if wrong else base
