"""A guardian applies on a phone, one thing a page: child, activities, places, way home, text, signature, check, number."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.views import UserRequest
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from schools.enrolment import actions, devices, queries, signing, wording
from schools.enrolment.drafts import Draft, clear, sent_as
from schools.enrolment.forms import ActivitiesForm, ChildForm, HomeForm, PlacesForm, SignatureForm
from schools.enrolment.models import Placing, SignatureMode
from schools.enrolment.queries import Offer
from schools.enrolment.refusals import AlreadyApplied, TextChanged
from schools.enrolment.signing import Signature
from schools.enrolment.wording import Wanted
from tenants.middleware import SchoolRequest

STEPS: Final = ("child", "activities", "places", "home", "agreement", "signature", "check")


class FamilyRequest(UserRequest, SchoolRequest):
    """A guardian in a school."""


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; a form without any answer was sent, too."""
    return request.POST if request.method == "POST" else None


StepView = Callable[[FamilyRequest, Draft, Offer], HttpResponse]


@never_cache
@require_http_methods(["GET", "POST"])
@requires(Permission.ENROLMENT_APPLY)
def child(request: FamilyRequest) -> HttpResponse:
    """Step 1; shows applications that stand already, so that nobody applies twice."""
    found = queries.offers(request.user, local_date(timezone.now()))
    free = [row for row in found if row.application is None]
    draft = Draft.of(request.session)
    chosen = f"{draft.plan}:{draft.pupil}" if draft.pupil else (free[0].key if len(free) == 1 else "")
    form = ChildForm(sent(request), offers=free, initial={"offer": chosen})
    if request.method == "POST" and form.is_valid():
        plan, _colon, pupil = form.cleaned_data["offer"].partition(":")
        draft.for_child(plan, pupil).keep(request.session)
        return redirect("enrolment:apply_activities")
    applied = [row for row in found if row.application is not None]
    page = _page(request, "child", form, applied=applied, is_open=bool(found), free=free)
    return devices.remember(request, page)


def step(name: str) -> Callable[[StepView], Callable[..., HttpResponseBase]]:
    """A page after the first: with the draft and its child, or back to where the next answer is missing."""

    def around(view: StepView) -> Callable[..., HttpResponseBase]:
        @never_cache
        @require_http_methods(["GET", "POST"])
        @requires(Permission.ENROLMENT_APPLY)
        @wraps(view)
        def guarded(request: FamilyRequest) -> HttpResponse:
            before = sent_as(request.session, request.POST.get("token", ""))
            if before:
                return redirect("enrolment:application", before)
            draft = Draft.of(request.session)
            offer = _offer(request, draft)
            if offer is None:
                return redirect("enrolment:apply")
            if offer.application is not None:
                return redirect("enrolment:application", offer.application.pk)
            missing = _first_missing(draft)
            if STEPS.index(missing) < STEPS.index(name):
                return redirect(_address(missing))
            return view(request, draft, offer)

        return guarded

    return around


@step("activities")
def activities(request: FamilyRequest, draft: Draft, offer: Offer) -> HttpResponse:
    """Step 2."""
    found = queries.choosable(offer.plan, offer.pupil.school_class.grade)
    form = ActivitiesForm(sent(request), found=found, initial={"activities": draft.activities})
    if request.method == "POST" and form.is_valid():
        draft.choosing(form.cleaned_data["activities"]).keep(request.session)
        return redirect("enrolment:apply_places")
    return _page(request, "activities", form, offer=offer, found=found)


@step("places")
def places(request: FamilyRequest, draft: Draft, offer: Offer) -> HttpResponse:
    """Step 3, where several activities are chosen: all of them or none, or each for itself (S13)."""
    if not draft.has_several:
        return redirect("enrolment:apply_home")
    form = PlacesForm(sent(request), initial={"placing": draft.placing})
    if request.method == "POST" and form.is_valid():
        draft.placed(form.cleaned_data["placing"]).keep(request.session)
        return redirect("enrolment:apply_home")
    return _page(request, "places", form, offer=offer)


@step("home")
def home(request: FamilyRequest, draft: Draft, offer: Offer) -> HttpResponse:
    """Step 4."""
    ways = {True: "alone", False: "adult"}
    said = ways[draft.goes_home_alone] if draft.goes_home_alone is not None else ""
    form = HomeForm(sent(request), initial={"way": said})
    if request.method == "POST" and form.is_valid():
        draft.going_home(alone=form.cleaned_data["way"] == "alone").keep(request.session)
        return redirect("enrolment:apply_agreement")
    return _page(request, "home", form, offer=offer)


@step("agreement")
def agreement(request: FamilyRequest, draft: Draft, offer: Offer) -> HttpResponse:
    """Step 5: a few sentences, the whole text one tap away."""
    wanted = _wanted(request, draft, offer)
    texts = wording.texts(wanted)
    form = forms.Form(sent(request))
    if request.method == "POST":
        if request.POST.get("sha256") == texts.sha256:
            draft.having_read(texts.sha256).keep(request.session)
            return redirect("enrolment:apply_signature")
        form.add_error(None, str(TextChanged()))
    return _page(request, "agreement", form, offer=offer, texts=texts, summary=wording.summary(wanted))


@step("signature")
def signature(request: FamilyRequest, draft: Draft, offer: Offer) -> HttpResponse:
    """Step 6: drawn with a finger, or typed where that is not possible."""
    guardian = _guardian_name(request, offer)
    drawn = draft.signature if draft.signature_mode == SignatureMode.DRAWN else ""
    name = draft.signature if draft.signature_mode == SignatureMode.TYPED else ""
    initial = {"path": drawn, "name": name, "is_mine": bool(name)}
    form = SignatureForm(sent(request), guardian_name=guardian, initial=initial)
    if request.method == "POST" and form.is_valid():
        given: Signature = form.cleaned_data["signature"]
        draft.signed(given.mode, given.value).keep(request.session)
        return redirect("enrolment:apply_check")
    return _page(request, "signature", form, offer=offer, width=signing.WIDTH, height=signing.HEIGHT)


@step("check")
def check(request: FamilyRequest, draft: Draft, offer: Offer) -> HttpResponse:
    """Step 7: what was said, each with a way to change it; then it is sent."""
    wanted = _wanted(request, draft, offer)
    form = forms.Form(sent(request))
    if request.method == "POST":
        if request.POST.get("token") != draft.token:
            form.add_error(None, _("您刚才在别处改过答案。请核对下面的内容后再提交。"))
        else:
            try:
                return _send(request, draft, wanted)
            except TextChanged:
                messages.warning(request, str(TextChanged()))
                return redirect("enrolment:apply_agreement")
            except Refused as refusal:
                form.add_error(None, str(refusal))
    return _page(
        request, "check", form, rows=_rows(wanted), token=draft.token, signature=draft.signature,
        is_drawn=draft.signature_mode == SignatureMode.DRAWN, width=signing.WIDTH, height=signing.HEIGHT,
    )  # fmt: skip


def _send(request: FamilyRequest, draft: Draft, wanted: Wanted) -> HttpResponse:
    """Two taps on the button lead to one application: the constraint decides, the page shows the first."""
    try:
        made = actions.submit_application(
            school=request.school,
            plan=wanted.plan,
            pupil=wanted.pupil,
            activities=wanted.activities,
            goes_home_alone=wanted.goes_home_alone,
            placing=wanted.placing,
            signature=_signature(draft, wanted),
            read_sha256=draft.read_sha256,
            device=devices.digest(request),
            by=request.user,
            now=timezone.now(),
        )
    except AlreadyApplied as refusal:
        clear(request.session, token=draft.token, application=str(refusal.application_id))
        messages.info(request, str(refusal))
        return redirect("enrolment:application", refusal.application_id)
    clear(request.session, token=draft.token, application=str(made.pk))
    return redirect("enrolment:application", made.pk)


def _signature(draft: Draft, wanted: Wanted) -> Signature:
    """Checked again: the session is not the action's word."""
    if draft.signature_mode == SignatureMode.TYPED:
        return signing.typed(draft.signature, of=wanted.guardian.name)
    return signing.drawn(draft.signature)


def _rows(wanted: Wanted) -> list[dict[str, Any]]:
    return [
        {
            "label": _("孩子"),
            "value": f"{wanted.pupil.name}（{wanted.pupil.school_class.name}）",
            "url": reverse("enrolment:apply"),
        },
        {
            "label": _("活动"),
            "value": "\n".join(wording.activity_lines(wanted.activities)),
            "url": reverse("enrolment:apply_activities"),
        },
        *_placing_row(wanted),
        {
            "label": _("怎么回家"),
            "value": _("孩子自己回家") if wanted.goes_home_alone else _("由登记的接送人来接"),
            "url": reverse("enrolment:apply_home"),
        },
        {"label": _("收费标准"), "value": wording.fee(wanted, wording.policy_of(wanted))},
        {"label": _("申请人"), "value": wanted.guardian.name},
    ]


def _placing_row(wanted: Wanted) -> list[dict[str, Any]]:
    if len(wanted.activities) < 2:
        return []
    return [
        {"label": _("名额安排"), "value": wanted.placing.label, "url": reverse("enrolment:apply_places")},
    ]


def _offer(request: FamilyRequest, draft: Draft) -> Offer | None:
    """Another school's child, or another family's, is not there; nor is a plan whose term is over."""
    if not draft.pupil:
        return None
    today = local_date(timezone.now())
    return queries.offer(request.user, UUID(draft.plan), UUID(draft.pupil), today)


def _wanted(request: FamilyRequest, draft: Draft, offer: Offer) -> Wanted:
    guardian = queries.guardian_of(request.user, offer.pupil)
    assert guardian is not None  # offers are for children whom the user may sign for
    ids = [UUID(key) for key in draft.activities]
    chosen = tuple(queries.activities(offer.plan, ids))
    return Wanted(
        request.school,
        offer.plan,
        offer.pupil,
        guardian,
        chosen,
        goes_home_alone=bool(draft.goes_home_alone),
        placing=Placing(draft.placing) if draft.has_several else Placing.ALL,
    )


def _guardian_name(request: FamilyRequest, offer: Offer) -> str:
    guardian = queries.guardian_of(request.user, offer.pupil)
    return guardian.name if guardian else ""


def _first_missing(draft: Draft) -> str:
    answered = {
        "child": bool(draft.pupil),
        "activities": bool(draft.activities),
        "places": bool(draft.placing) or not draft.has_several,
        "home": draft.goes_home_alone is not None,
        "agreement": bool(draft.read_sha256),
        "signature": bool(draft.signature),
    }
    return next((name for name, is_done in answered.items() if not is_done), "check")


def _address(name: str) -> str:
    return "enrolment:apply" if name == "child" else f"enrolment:apply_{name}"


def _page(request: FamilyRequest, name: str, form: forms.Form, **context: Any) -> HttpResponse:
    """Whether there is a question about places shows after the activities were chosen: it is a part of that step, so that
    the number of steps is true from the first page on."""
    asked = [each for each in STEPS if each != "places" or Draft.of(request.session).has_several]
    place = asked.index(name)
    back = reverse(_address(asked[place - 1])) if place else ""
    steps = [each for each in STEPS if each != "places"]
    step = steps.index("activities" if name == "places" else name) + 1
    shown = {"form": form, "step": step, "steps": len(steps), "back_url": back, **context}
    return render(request, f"enrolment/apply_{name}.html", shown, status=400 if form.errors else 200)
