"""Addresses of this installation that open in a browser: scheme, host, and a port where there is one to name."""

import os
from typing import Final

from django.conf import settings

from afterbell.services import addresses

USUAL: Final = {"http": 80, "https": 443}


def address(path: str, *, school_code: str | None = None) -> str:
    """Of a page of the city, or of a school.

    What the environment says goes first, then how this checkout was served last, then the defaults. With https a proxy
    stands in front, on its own port.
    """
    host = f"s{school_code}.{settings.DOMAIN}" if school_code else settings.CITY_HOST
    served = addresses.served(settings.HOME_FOLDER)
    scheme, port = settings.PUBLIC_URL_SCHEME, settings.PORT
    if served is not None and not {"PUBLIC_URL_SCHEME", "PORT"} & os.environ.keys():
        scheme, port = served["scheme"], served["port"]
    named = "" if scheme == "https" or port == USUAL[scheme] else f":{port}"
    return f"{scheme}://{host}{named}{path}"
