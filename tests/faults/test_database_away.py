"""The database goes away for a while: a clear page meanwhile, recovery by itself (PLAT1)."""

import pytest
from tests.faults.conftest import Installation, fetch, free_port, wait_for

from kefu.kernel.tests.own_databases import SERVER, server_connection

pytestmark = pytest.mark.skipif(not SERVER, reason="needs a database server that can refuse connections: set KEFU_TEST_DATABASE_URL")


def _allow(installation: Installation, *, yes: bool) -> None:
    name = installation.url.rsplit("/", 1)[1]
    with server_connection() as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {"true" if yes else "false"}')
        if not yes:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def test_pages_say_so_and_come_back_and_the_worker_goes_on(installation: Installation) -> None:
    port = free_port()
    up = installation.start("-m", "kefu.config.cli", "up", "--port", str(port))
    page, health = f"http://127.0.0.1:{port}/sign-in", f"http://127.0.0.1:{port}/api/v1/health"
    # A visitor's sign-in page needs no database; somebody with a session makes the server look for it.
    session = "sessionid=nobody-has-this-session"
    wait_for(lambda: fetch(page, session)[0] == 200, 90)
    _allow(installation, yes=False)
    wait_for(lambda: fetch(page, session)[0] == 503, 60)
    status, body, headers = fetch(page, session)
    assert status == 503
    assert fetch(page)[0] == 200
    assert fetch(health)[0] == 503
    assert "数据库" in body
    assert int(headers["retry-after"]) > 0
    assert up.poll() is None
    _allow(installation, yes=True)
    wait_for(lambda: fetch(page, session)[0] == 200, 60)
    assert fetch(health)[0] == 200
    assert up.poll() is None
