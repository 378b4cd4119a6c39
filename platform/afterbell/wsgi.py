"""The web server's entry."""

import os

from django.core.wsgi import get_wsgi_application

from afterbell import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterbell.settings")

application = get_wsgi_application()
warm.before_first_request()
