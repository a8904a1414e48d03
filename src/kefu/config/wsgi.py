"""WSGI entry for servers without streams; pages then show what was so when they were loaded."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.settings")
application = get_wsgi_application()
