"""How an urgent notice reaches a phone: the city plugs in its gateway by MESSAGE_SENDER; the demo shows an outbox."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings

from afterbell.accounts.senders import VisibleOutbox
from afterbell.kernel.strings import dotted


class NoWay(Exception):
    """There is no way to this phone; trying again does not help. The text is kept as the outcome."""


class Sender(Protocol):
    """A way to a phone.

    `send` gives what the gateway calls the message, and raises NoWay, or anything else to be tried again. `key` is the
    same at each try, so that a gateway can drop a second one. It never logs the text.
    """

    def send(self, *, phone: str, text: str, key: UUID, now: datetime) -> str:
        """Hand the text over for an E.164 number."""


class NoSender:
    """The safe default: nothing leaves the house until the city has configured how."""

    def send(self, *, phone: str, text: str, key: UUID, now: datetime) -> str:  # noqa: ARG002  (Sender's signature)
        raise NoWay("no sender is configured")


class DemoSender:
    """The demo's: messages can be read beside the login codes, at /accounts/outbox/ of the same host."""

    def send(self, *, phone: str, text: str, key: UUID, now: datetime) -> str:
        VisibleOutbox().send(phone=phone, code=text, now=now)
        return f"demo-{key}"


def current() -> Sender:
    """The sender that MESSAGE_SENDER names."""
    sender: Sender = dotted(settings.MESSAGE_SENDER)()
    return sender
