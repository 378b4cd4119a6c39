"""How a login code reaches a phone: the city plugs in its gateway by CODE_SENDER; the demo shows an outbox."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Protocol

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused
from afterbell.kernel.strings import dotted

OUTBOX: Final = "accounts:outbox"
OUTBOX_KEEPS: Final = 50
OUTBOX_SECONDS: Final = 3600


class CodesNotConfigured(Refused):
    """The city has no way to send codes."""

    code = "codes_not_configured"
    message = _(
        "本平台还没有接通短信，暂时不能用验证码登录。"
        "请用登录名和密码登录，或联系学校办公室。（管理员：请配置 CODE_SENDER）"
    )
    status = 503


class LinksNotConfigured(Refused):
    """The city has no way to send a link: to set a password, to confirm a number."""

    code = "links_not_configured"
    message = _(
        "本平台还没有接通短信，链接发不出去，没有执行。"
        "请联系市级系统管理员接通短信（配置 CODE_SENDER）；接通以前，账号只能由 afterbell account add 建立。"
    )
    status = 503


class Sender(Protocol):
    """A way to a phone. It never logs the code.

    `send` returns at once (hands over to a queue): the time that it takes would tell known phones from unknown ones.
    """

    def check(self) -> None:
        """Raises Refused when nothing can be sent at all; asked before the phone is looked up."""

    def send(self, *, phone: str, code: str, now: datetime) -> None:
        """Send the code to an E.164 number."""

    def send_link(self, *, phone: str, link: str, now: datetime) -> None:
        """Send the one-time link to a new password to its owner's number; it is shown to nobody else."""


@dataclass(frozen=True)
class Message:
    """One code, or link to a new password, in the demo's outbox."""

    phone: str
    code: str
    at: datetime


class NoSender:
    """The safe default: no code leaves the house until the city has configured how."""

    def check(self) -> None:
        raise CodesNotConfigured

    def send(self, *, phone: str, code: str, now: datetime) -> None:  # noqa: ARG002  (Sender's signature)
        raise CodesNotConfigured

    def send_link(self, *, phone: str, link: str, now: datetime) -> None:  # noqa: ARG002
        raise LinksNotConfigured


class VisibleOutbox:
    """The demo's sender: codes can be read at /accounts/outbox/, of the same host only, for an hour."""

    def check(self) -> None:
        if not settings.DEMO:
            raise CodesNotConfigured

    def send(self, *, phone: str, code: str, now: datetime) -> None:
        self.check()
        kept = [asdict(message) for message in outbox()]
        cache.set(OUTBOX, [asdict(Message(phone, code, now)), *kept][:OUTBOX_KEEPS], OUTBOX_SECONDS)

    def send_link(self, *, phone: str, link: str, now: datetime) -> None:
        self.send(phone=phone, code=link, now=now)


def current() -> Sender:
    """The sender that CODE_SENDER names."""
    sender: Sender = dotted(settings.CODE_SENDER)()
    return sender


def is_connected() -> bool:
    """Whether codes and links can go out at all."""
    try:
        current().check()
    except CodesNotConfigured:
        return False
    return True


def outbox() -> list[Message]:
    """What the demo has sent on this host, newest first."""
    return [Message(**message) for message in cache.get(OUTBOX, [])]
