"""Log lines carry nothing personal: whatever an event is given, hide_personal takes it out."""

import json
import logging
from io import StringIO

import pytest
import structlog

from afterbell import logs
from afterbell.accounts.models import User
from afterbell.redaction import HIDDEN, hide_personal

PHONE = "13800138000"
CARD = "110101201501011234"


def cleaned(**event):
    return hide_personal(None, "info", event)


def as_text(**event):
    return json.dumps(cleaned(**event), ensure_ascii=False, default=str)


@pytest.mark.parametrize(
    "text",
    [
        PHONE,
        f"+86{PHONE}",
        f"打给{PHONE}，请",
        f"phone={PHONE};",
        f'{{"to": "{PHONE}"}}',
        f"({PHONE})",
        f"{PHONE}\n{PHONE}",
    ],
)
def test_a_phone_number_in_any_text_is_hidden(text):
    assert PHONE not in as_text(event=text)
    assert HIDDEN in as_text(event=text)


@pytest.mark.parametrize("text", [CARD, "11010120150101123X", "11010120150101123x", f"身份证{CARD}号"])
def test_an_identity_card_number_in_any_text_is_hidden(text):
    assert "1101012015" not in as_text(event=text)


@pytest.mark.parametrize(
    "key", ["password", "token", "secret", "cookie", "authorization", "code", "signature", "Password"]
)
def test_a_secret_is_hidden_by_its_key(key):
    assert cleaned(**{key: "hunter2"}) == {key: HIDDEN}


@pytest.mark.parametrize("key", ["phone", "denied_reason"])
def test_a_personal_or_sensitive_field_is_hidden_by_its_name(key):
    assert cleaned(**{key: "anything"}) == {key: HIDDEN}


def test_a_row_is_written_as_its_kind_and_id():
    user = User(login="wang", name="王小明", phone=f"+86{PHONE}")
    assert cleaned(user=user) == {"user": f"<accounts.User {user.pk}>"}


def test_rows_and_secrets_inside_lists_and_dicts_are_hidden_too():
    user = User(login="wang", name="王小明", phone=f"+86{PHONE}")
    text = as_text(
        data={"who": [user], "deep": {"password": "hunter2", "note": PHONE}, "pair": (CARD, {"phone": "1"})}
    )
    assert "王小明" not in text
    assert "hunter2" not in text
    assert PHONE not in text
    assert CARD not in text


def test_what_is_not_personal_stays():
    event = {"event": "request", "status": 200, "ms": 1.5, "school": "3301020001", "at": None, "ok": True}
    assert cleaned(**event) == event


def test_ids_and_hashes_are_no_phone_numbers():
    key = "01980138-1380-7013-8001-380013800138"
    sha = "13800138000" + "a" * 53
    assert cleaned(id=key, hash=sha) == {"id": key, "hash": sha}


@pytest.fixture
def written():
    """Configure as in production, and give what stands on stderr."""
    root = logging.getLogger()
    handlers, level, out = root.handlers[:], root.level, StringIO()
    logs.configure({"level": "INFO", "format": "json", "sentry_dsn": ""})
    (handler,) = [
        each for each in root.handlers if isinstance(each.formatter, structlog.stdlib.ProcessorFormatter)
    ]
    handler.setStream(out)
    root.handlers[:] = [handler]
    yield out.getvalue
    root.handlers[:], root.level = handlers, level


def test_an_exceptions_text_and_traceback_are_cleaned(written):
    log = structlog.get_logger("afterbell.test")
    try:
        raise ValueError(f"no pupil with {CARD}, guardian {PHONE}")
    except ValueError:
        log.exception("import failed")
    line = written()
    assert "import failed" in line
    assert "ValueError" in line
    assert CARD not in line
    assert PHONE not in line


def test_lines_of_the_standard_library_are_cleaned_too(written):
    try:
        raise ValueError(CARD)
    except ValueError:
        logging.getLogger("third.party").exception("sent to %s", PHONE)
    line = written()
    assert "sent to" in line
    assert CARD not in line
    assert PHONE not in line


def test_arguments_of_a_message_are_cleaned(written):
    structlog.get_logger("afterbell.test").info("code sent to %s", f"+86{PHONE}")
    assert PHONE not in written()


def test_a_row_among_the_arguments_of_a_message_is_hidden(written):
    """A row's str() is often a name, so it must be replaced before the message is put together."""
    wang = User(login="wang", name="王小明")
    structlog.get_logger("afterbell.test").info("sent to %s", wang)
    logging.getLogger("third.party").info("sent to %s", wang)
    assert written().count("sent to <accounts.User") == 2


@pytest.mark.parametrize("odd", [int(PHONE), {PHONE}, PHONE.encode(), ValueError(PHONE), {PHONE: 1}])
def test_a_phone_number_that_is_no_text_is_hidden(odd):
    assert PHONE not in as_text(event=odd)


def test_a_row_inside_a_set_is_hidden():
    assert "王小明" not in as_text(who={User(login="wang", name="王小明")})


def test_rows_of_a_query_are_hidden(db):
    User.objects.create(login="wang", name="王小明")
    assert "王小明" not in as_text(who=User.objects.all())
