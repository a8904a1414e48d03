"""Entry of the server: the live stream, and Django below it (ADR 8)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.settings")

from kefu.config import environment, parentage

_django = get_wsgi_application()

from kefu.live.application import Application  # noqa: E402  needs the applications of Django

parentage.end_with_parents()
application = Application(_django, threads=environment.number("KEFU_THREADS", default=4))
