"""kill -9 of the server: what it started ends too, and the port is free for the next one."""

from tests.faults.conftest import Installation, fetch, free_port, wait_for


def test_a_killed_centre_leaves_nobody_behind(installation: Installation, socket_enabled: None) -> None:
    port = free_port()
    centre = installation.start("-m", "kefu.config.cli", "up", "--port", str(port), "--workers", "1")
    wait_for(lambda: fetch(f"http://127.0.0.1:{port}/sign-in")[0] == 200, 180)
    centre.kill()
    centre.wait(10)
    wait_for(lambda: fetch(f"http://127.0.0.1:{port}/sign-in")[0] == 0, 60)
