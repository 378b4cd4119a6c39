"""`python -m tests.oversight.protection 600`: the attack on as many cities (campaign.py)."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterbell.settings_test")

import django

django.setup()

from tests.oversight.protection.campaign import main  # noqa: E402  (models need the set-up)

main(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
