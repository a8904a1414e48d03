"""django-helpdesk beside us: installed into an environment of its own, seeded in bulk, served and asked the same way."""

import base64
import json
import random
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, urlencode

from measuring import ground, load
from measuring.load import Request, Taken
from measuring.server import memory_of, serving
from measuring.words import COMMON

PACKAGES = ("django-helpdesk==2.6.1", "Django==5.2.19", "granian==2.8.7", "psycopg[binary]==3.3.9")
_FOLDER = ground.HOME / "peer"
_PYTHON = _FOLDER / "venv" / "bin" / "python"
# Behind this time for one request it is not asked by eight at once.
_SLOW = 2.0

_SETTINGS = """
SECRET_KEY = "benchmark"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.sites", "django.contrib.admin",
    "django.contrib.humanize", "django.contrib.messages", "django.contrib.staticfiles", "rest_framework", "helpdesk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "peer_urls"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages", "django.template.context_processors.debug",
    ]},
}]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": "%(name)s", "USER": "%(user)s", "PASSWORD": "%(password)s", "HOST": "%(host)s",
    "PORT": "%(port)s", "CONN_MAX_AGE": 600,
}}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
HELPDESK_TEAMS_MODE_ENABLED = False
SITE_ID = 1
STATIC_URL = "/static/"
USE_TZ = True
LOGIN_URL = "/login/"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
"""

_URLS = """
from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls"))]
"""

_WSGI = """
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer_settings")
application = get_wsgi_application()
"""

# Runs under the peer's own interpreter.
_SEED = """
import json, sys
import django
django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from helpdesk.models import FollowUp, Queue, Ticket

tickets, pool = int(sys.argv[1]), json.load(open(sys.argv[2]))
call_command("migrate", verbosity=0)
User = get_user_model()
if not Ticket.objects.exists():
    users = [User.objects.create(username=f"u{n}", is_staff=True, is_superuser=n == 0, email=f"u{n}@example.org") for n in range(200)]
    queues = [Queue.objects.create(title=f"Q{n}", slug=f"q{n}") for n in range(10)]
    first = Ticket.objects.create(title="t", queue=queues[0], created=timezone.now(), submitter_email="a@example.org", description="d")
    FollowUp.objects.create(ticket=first, date=timezone.now(), title="f", comment="c", user=users[0], public=True)

    def cast(table, model, changes, source):
        names = [f.column for f in model._meta.concrete_fields if f.column != "id"]
        values = ", ".join(changes.get(name, f"p.{name}") for name in names)
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {source}")

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE pool (n int primary key, title text, description text, note text)")
        cursor.executemany("INSERT INTO pool VALUES (%s, %s, %s, %s)", [[n, *row] for n, row in enumerate(pool)])
    size = len(pool)
    cast("helpdesk_ticket", Ticket, {
        "title": "o.title", "description": "o.description || ' 运单YT77' || lpad(g::text, 11, '0')",
        "queue_id": f"{queues[0].pk} + g % 10", "assigned_to_id": f"{users[0].pk} + (g * 7) % 200",
        "status": "CASE WHEN g % 4 = 0 THEN 1 ELSE 4 END", "priority": "1 + g % 5",
        "created": f"now() - (({tickets} - g) * interval '365 days' / {tickets})", "modified": "now()", "secret_key": "p.secret_key",
    }, f"generate_series(1, {tickets}) g JOIN pool o ON o.n = g % {size} CROSS JOIN (SELECT * FROM helpdesk_ticket WHERE id = {first.pk}) p")
    cast("helpdesk_followup", FollowUp, {
        "ticket_id": "t.id", "date": "t.created + k * interval '1 hour'", "comment": "o.note", "user_id": "t.assigned_to_id",
    }, f"helpdesk_ticket t CROSS JOIN generate_series(1, 3) k JOIN pool o ON o.n = t.id % {size} CROSS JOIN (SELECT * FROM helpdesk_followup LIMIT 1) p")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
user = User.objects.get(username="u0")
store = SessionStore()
store[SESSION_KEY] = str(user.pk)
store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
store[HASH_SESSION_KEY] = user.get_session_auth_hash()
store.create()
print(json.dumps([store.session_key, Ticket.objects.order_by("id").values_list("id", flat=True)[0], Queue.objects.order_by("id")[0].pk]))
"""


def measure(tickets: int, *, seconds: float) -> dict[str, tuple[str, Taken, Taken]]:
    """Times of the peer by the operation they go with; empty when it cannot be had."""
    if not _installed():
        return {}
    database = ground.Database(ground.SERVER).renamed(f"_peer_{tickets // 1000}k")
    environment = _project(database)
    session, first, queue = _seeded(database, tickets, environment)
    found: dict[str, tuple[str, Taken, Taken]] = {}
    with serving(str(_PYTHON), "peer_wsgi:application", environment=environment, path="/login/", folder=_FOLDER) as (port, pid):
        for key, what, source in _operations(session, first, queue, tickets):
            one = load.run(port, source, connections=1, seconds=seconds, most=200, warm=1, timeout=300)
            if one.errors or one.p50 is None:
                print(f"django-helpdesk, {what}: {one.errors} errors, {one.sample[:200]!r}")
                continue
            if one.p50 > _SLOW:
                eight = Taken([one.p95 or one.p50])
            else:
                eight = load.run(
                    port, lambda number, ask=source: ask(number + 5000), connections=8, seconds=seconds, most=2000, timeout=300
                )
            found[key] = (f"{what} (n={len(one.seconds)})", one, eight)
            print(f"django-helpdesk, {what}: {one.p50 * 1000:,.0f} ms", file=sys.stderr)
        print(f"\ndjango-helpdesk's server memory {memory_of(pid)} MB")
    return found


def _installed() -> bool:
    if _PYTHON.exists() and not _run([str(_PYTHON), "-c", "import helpdesk, granian, psycopg"]).returncode:
        return True
    print("installing django-helpdesk into an environment of its own …", flush=True)
    _FOLDER.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "venv", "--clear", str(_FOLDER / "venv")])
    done = _run([str(_PYTHON), "-m", "pip", "install", "-q", *PACKAGES])
    if done.returncode:
        print(f"django-helpdesk could not be installed, its columns are left out:\n{done.stderr[-600:]}")
    return not done.returncode


def _run(command: list[str], **more: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload,no-any-return]


def _project(database: ground.Database) -> dict[str, str]:
    from urllib.parse import urlsplit

    parts = urlsplit(database.url)
    values = {
        "name": database.name,
        "user": parts.username or "postgres",
        "password": parts.password or "",
        "host": parts.hostname or "127.0.0.1",
        "port": str(parts.port or 5432),
    }
    for name, text in (("settings", _SETTINGS % values), ("urls", _URLS), ("wsgi", _WSGI), ("seed", _SEED)):
        (_FOLDER / f"peer_{name}.py").write_text(text)
    return {"DJANGO_SETTINGS_MODULE": "peer_settings", "PYTHONPATH": str(_FOLDER)}


def _seeded(database: ground.Database, tickets: int, environment: dict[str, str]) -> tuple[str, int, int]:
    import os

    from measuring.words import Texts

    if database.stamp() is None:
        database.create()
    texts, pool = Texts(7), Path(_FOLDER / "pool.json")
    pool.write_text(json.dumps([[texts.title(n), texts.description(), texts.note()] for n in range(20_000)], ensure_ascii=False))
    started = time.monotonic()
    done = _run([str(_PYTHON), str(_FOLDER / "peer_seed.py"), str(tickets), str(pool)], env={**os.environ, **environment}, cwd=_FOLDER)
    if done.returncode:
        raise SystemExit(f"django-helpdesk could not be seeded:\n{done.stderr[-1500:]}")
    if database.stamp() is None:
        print(f"django-helpdesk: {tickets:,} tickets seeded in {time.monotonic() - started:.0f} s", flush=True)
        database.write_stamp(ground.Stamp(tickets, 0, round(time.monotonic() - started, 1), time.time(), ground.keys_mark()))
    session, first, queue = json.loads(done.stdout.strip().splitlines()[-1])
    return session, first, queue


def _operations(session: str, first: int, queue: int, tickets: int) -> list[tuple[str, str, load.Source]]:
    token = "b" * 32
    headers = {"Cookie": f"sessionid={session}; csrftoken={token}"}
    form = {**headers, "X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded"}

    def rows(search: str, *, everything: bool) -> Request:
        wanted = {
            "filtering": {} if everything else {"status__in": [1, 2]},
            "filtering_null": {},
            "sorting": "created",
            "search_string": search,
            "sortreverse": False,
        }
        packed = base64.b64encode(json.dumps(wanted).encode()).decode()
        return Request(f"/datatables_ticket_list/{quote(packed)}?draw=1&start=0&length=50", headers)

    def ticket(number: int) -> int:
        return first + random.Random(number).randrange(1, tickets)

    def note(number: int) -> Request:
        body = {
            "comment": "已联系派件员核实，网点负责人答复下午派送。",
            "new_status": 1,
            "public": 1,
            "owner": 0,
            "priority": 3,
            "queue": queue,
        }
        return Request(f"/tickets/{ticket(number)}/update/", form, "POST", urlencode({**body, "title": "客户来电"}).encode())

    def create(number: int) -> Request:
        body = {
            "queue": queue, "title": f"客户反映{COMMON} {number}", "body": "收件人来电称外箱变形，内件碎裂，希望三日内答复。", "priority": 3,
            "submitter_email": "a@example.org", "due_date": "", "assigned_to": "",
        }  # fmt: skip
        return Request("/tickets/submit/", form, "POST", urlencode(body).encode())

    return [
        ("list", "list rows, open tickets", lambda _: rows("", everything=False)),
        ("search", "keyword search", lambda _: rows(COMMON, everything=True)),
        ("waybill", "search, one waybill", lambda number: rows(f"YT77{random.Random(number).randrange(1, tickets):011d}", everything=True)),
        ("page", "ticket page", lambda number: Request(f"/tickets/{ticket(number)}/", headers)),
        ("note", "save of a note (form)", note),
        ("create", "create (form)", create),
        ("dashboard", "dashboard", lambda _: Request("/dashboard/", headers)),
        ("report", "report user × month", lambda _: Request("/reports/usermonth/", headers)),
    ]
