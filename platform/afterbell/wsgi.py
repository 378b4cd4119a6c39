"""The web server's entry."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterbell.settings")

application = get_wsgi_application()
gc.collect()
gc.freeze()  # what is loaded by now stays for good: no collection walks it again
