"""User administration: the list, a new user, roles, ending accounts, resetting passwords."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterbell.accounts import actions, links, number_actions, phones, queries
from afterbell.accounts.models import Assignment, NumberClaim, User
from afterbell.accounts.people_forms import EndAccountForm, NewUserForm, NumberForm, RoleForm, UserFilter
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.accounts.roles import Role
from afterbell.accounts.tables import UserTable
from afterbell.accounts.views import UserRequest
from afterbell.kernel.errors import Refused
from afterbell.pages.tables import shown

ACTIVE = {"active": True, "ended": False}


@require_GET
@requires(Permission.ACCOUNTS_READ)
def people(request: UserRequest) -> HttpResponse:
    """All users of this host, with filters, sorting and pages in the address."""
    form = UserFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = queries.users(
        search=queries.searchable(chosen.get("search", "")),
        role=chosen.get("role", ""),
        active=ACTIVE.get(chosen.get("state", "")),
    )
    context = {
        "filter": form,
        "table": shown(UserTable(found), request),
        "may_create": request.user.has(Permission.ACCOUNTS_MANAGE),
    }
    return render(request, "accounts/people.html", context)


@requires(Permission.ACCOUNTS_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: UserRequest) -> HttpResponse:
    """A new user without roles; the next page gives them."""
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.create_user(**form.cleaned_data, by=request.user, now=timezone.now())
        except actions.LoginTaken as refusal:
            form.add_error("login", str(refusal))
        except actions.PhoneTaken as refusal:
            form.add_error("phone", str(refusal))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("账号已建立。请给他（她）授予角色。"))
            return redirect("accounts:user", user.pk)
    return render(request, "accounts/new.html", {"form": form}, status=400 if form.errors else 200)


@require_GET
@requires(Permission.ACCOUNTS_READ)
def person(request: UserRequest, user_id: UUID) -> HttpResponse:
    """One user and what may be done with the account."""
    return _person_page(request, _user(user_id), RoleForm(by=request.user, today=timezone.localdate()))


@require_POST
@requires(Permission.ACCOUNTS_READ)
def give_role(request: UserRequest, user_id: UUID) -> HttpResponse:
    """A role more; the action decides who may give which."""
    user = _user(user_id)
    form = RoleForm(request.POST, by=request.user, today=timezone.localdate())
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        scope = form.cleaned_data.get("scope", "")
        try:
            actions.assign_role(user=user, role=role, scope=scope, by=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(request, _("已授予角色。"))
            return redirect("accounts:user", user.pk)
    return _person_page(request, user, form, status=400)


@requires(Permission.ACCOUNTS_READ)
@require_http_methods(["GET", "POST"])
def take_role(request: UserRequest, user_id: UUID, assignment_id: UUID) -> HttpResponse:
    """Asks first."""
    user = _user(user_id)
    try:
        assignment = queries.assignment_of(user, assignment_id)
    except Assignment.DoesNotExist:
        raise Http404 from None
    actions.refuse_ungiven(request.user, [Role(assignment.role)])  # before anybody is asked
    if request.method == "POST":
        actions.withdraw_role(assignment=assignment, by=request.user, now=timezone.now())
        messages.success(request, _("已收回角色。"))
        return redirect("accounts:user", user.pk)
    return _ask(
        request,
        user,
        question=_("收回 %(name)s 的“%(role)s”角色？")
        % {"name": user.name, "role": Role(assignment.role).label},
        consequence=_("他（她）下一次打开页面时就不能再做这个角色的事。做过的记录都保留。"),
        action=_("收回角色"),
    )


@requires(Permission.ACCOUNTS_MANAGE)
@require_http_methods(["GET", "POST"])
def deactivate(request: UserRequest, user_id: UUID) -> HttpResponse:
    """Asks first; of a parent's account also why."""
    user = _user(user_id)
    has_children = queries.has_children(user)
    form = EndAccountForm(request.POST or None)
    if request.method == "POST" and (not has_children or form.is_valid()):
        reason = form.cleaned_data["reason"] if has_children else ""
        try:
            actions.deactivate_user(user=user, reason=reason, by=request.user, now=timezone.now())
        except Refused as refusal:
            if not has_children:
                raise
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("账号已停用，所有登录已退出。"))
            return redirect("accounts:user", user.pk)
    if has_children:
        context = {"form": form, "user_shown": user}
        return render(request, "accounts/end.html", context, status=400 if form.errors else 200)
    return _ask(
        request,
        user,
        question=_("停用 %(name)s 的账号？") % {"name": user.name},
        consequence=_("他（她）会立即退出登录，不能再登录。做过的记录都保留，账号以后可以重新启用。"),
        action=_("停用账号"),
    )


@require_POST
@requires(Permission.ACCOUNTS_MANAGE)
def reactivate(request: UserRequest, user_id: UUID) -> HttpResponse:
    """With the roles it had."""
    user = _user(user_id)
    actions.reactivate_user(user=user, by=request.user, now=timezone.now())
    messages.success(request, _("账号已重新启用。"))
    return redirect("accounts:user", user.pk)


@requires(Permission.ACCOUNTS_MANAGE)
@never_cache
@require_http_methods(["GET", "POST"])
def reset(request: UserRequest, user_id: UUID) -> HttpResponse:
    """Asks first; the setting link goes to the person's own phone and is shown to nobody."""
    user = _user(user_id)

    def address(token: str) -> str:
        return request.build_absolute_uri(reverse("accounts:set_by_link", args=[user.pk, token]))

    if request.method == "POST":
        actions.reset_password(user=user, by=request.user, now=timezone.now(), address=address)
        said = _(
            "旧密码已作废，登录都已退出。设置密码的链接已发到本人的手机（%(phone)s），%(hours)s 小时内有效。"
        )
        phone = phones.masked(user.phone or "")
        messages.success(request, said % {"phone": phone, "hours": links.HOURS})
        return redirect("accounts:user", user.pk)
    actions.reached_at(user)  # before anybody is asked
    return _ask(
        request,
        user,
        question=_("重设 %(name)s 的密码？") % {"name": user.name},
        consequence=_(
            "原来的密码立即作废，所有登录都会退出。一个 24 小时内有效、只能用一次的链接会发到本人的手机，"
            "您看不到这个链接。"
        ),
        action=_("重设密码"),
    )


@requires(Permission.ACCOUNTS_MANAGE)
@require_http_methods(["GET", "POST"])
def clear_second_factor(request: UserRequest, user_id: UUID) -> HttpResponse:
    """Asks first."""
    user = _user(user_id)
    if request.method == "POST":
        actions.clear_second_factor(user=user, by=request.user, now=timezone.now())
        messages.success(request, _("动态口令已清除。本人下次登录时重新设置。"))
        return redirect("accounts:user", user.pk)
    return _ask(
        request,
        user,
        question=_("清除 %(name)s 的动态口令？") % {"name": user.name},
        consequence=_(
            "只在本人换了或丢了手机时这样做，请先确认是本人。原来的动态口令和备用码立即作废，所有登录都会退出。"
        ),
        action=_("清除动态口令"),
    )


@requires(Permission.ACCOUNTS_MANAGE)
@require_http_methods(["GET", "POST"])
def claim_number(request: UserRequest, user_id: UUID) -> HttpResponse:
    """Another number, or the first; it waits for a second person."""
    user = _user(user_id)
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given, now = form.cleaned_data, timezone.now()
        try:
            number_actions.claim_number(user=user, **given, by=request.user, now=now)
        except Refused as refusal:
            form.add_error("phone", str(refusal))
        else:
            messages.success(request, _("已登记。请另一位有权的人当面核实后，新号码才生效。"))
            return redirect("accounts:user", user.pk)
    context = {"form": form, "user_shown": user}
    return render(request, "accounts/number.html", context, status=400 if form.errors else 200)


@require_GET
@requires(Permission.ACCOUNT_SELF)
def numbers(request: UserRequest) -> HttpResponse:
    """Numbers that wait for a second person: those that I may answer, and one of my own."""
    now = timezone.now()
    claims = [
        (claim, queries.may_accept(request.user, claim, now), queries.waits_until(claim))
        for claim in queries.open_claims(request.user)
    ]
    return render(request, "accounts/numbers.html", {"claims": claims})


@require_POST
@requires(Permission.ACCOUNT_SELF)
def answer_number(request: UserRequest, claim_id: UUID) -> HttpResponse:
    """Yes or no; the action decides who may."""
    claim = _claim(claim_id)
    if request.POST.get("answer") not in ("yes", "no"):
        raise BadRequest("neither yes nor no")
    is_yes = request.POST["answer"] == "yes"
    deed = number_actions.accept_number if is_yes else number_actions.refuse_number
    deed(claim=claim, by=request.user, now=timezone.now())
    messages.success(request, _("号码已核实。") if is_yes else _("已否定，号码没有变。"))
    return redirect("accounts:numbers")


@requires(Permission.ACCOUNTS_MANAGE)
@require_POST
def ask_owner(request: UserRequest, claim_id: UUID) -> HttpResponse:
    """The first colleague of a new school answers on the own phone; the link is shown to nobody."""
    claim = _claim(claim_id)

    def address(token: str) -> str:
        return request.build_absolute_uri(reverse("accounts:own_number", args=[claim.pk, token]))

    number_actions.ask_owner(claim=claim, by=request.user, now=timezone.now(), address=address)
    said = _(
        "确认链接已发到 %(phone)s，24 小时内有效。请本人在自己的手机上打开，填写登记的姓名，再设置密码。"
    )
    messages.success(request, said % {"phone": phones.masked(claim.phone)})
    return redirect("accounts:user", claim.user_id)


def _claim(claim_id: UUID) -> NumberClaim:
    try:
        return queries.claim(claim_id)
    except NumberClaim.DoesNotExist:
        raise Http404 from None


def _user(user_id: UUID) -> User:
    try:
        return queries.user(user_id)
    except User.DoesNotExist:
        raise Http404 from None


def _person_page(request: UserRequest, user: User, form: RoleForm, status: int = 200) -> HttpResponse:
    claim = queries.open_claim_of(user)
    context = {
        "user_shown": user,
        "held": queries.held_by(user, by=request.user),
        "form": form,
        "is_self": user.pk == request.user.pk,
        "may_manage": queries.may_manage(request.user, user),
        "can_be_reached": bool(user.phone) and actions.is_vouched(user),
        "claim": claim,
        "may_vouch": claim is not None and queries.may_vouch(request.user, claim),
        "may_ask_owner": False,
        "has_second_factor": queries.has_second_factor(user),
    }
    if claim is not None and not queries.is_answerable(claim):
        try:
            number_actions.refuse_owners_word(claim, request.user)
        except Refused as refusal:
            context["no_second"] = refusal
        else:
            context["may_ask_owner"] = True
    return render(request, "accounts/person.html", context, status=status)


def _ask(request: UserRequest, user: User, *, question: str, consequence: str, action: str) -> HttpResponse:
    context = {"user_shown": user, "question": question, "consequence": consequence, "action": action}
    return render(request, "accounts/confirm.html", context)
