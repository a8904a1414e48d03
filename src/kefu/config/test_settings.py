"""Settings of the test suite: the product's own, on a database and a home of their own."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_url = os.environ.get("KEFU_TEST_DATABASE_URL", "")
_home = tempfile.mkdtemp(prefix="kefu-test-home-")
(Path(_home) / "static").mkdir()
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["KEFU_HOME"] = _home
os.environ["KEFU_DATABASE_URL"] = _url

from kefu.config.settings import *  # noqa: E402, F403
from kefu.config.settings import DATABASES, STORAGES  # noqa: E402

if not _url:
    # A file, as in use: one in memory has a single connection, which a live server's threads share in the middle of transactions.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_home) / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
