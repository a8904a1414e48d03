"""Runs the centre as `kefu up` does, and a peer's WSGI application as evenly as can be: granian, four threads a process, a free port."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(
    python: str, application: str, *, environment: dict[str, str], path: str, folder: Path | None = None, workers: int = 1
) -> Iterator[tuple[int, int]]:
    """Serve until the end of the block; gives port and process id. The same arguments as ``kefu up`` uses, for every product measured."""
    port = free_port()
    common = ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers), "--no-ws", "--log-level", "warning", application]
    ours = ["--interface", "asgi", "--backlog", "4096", "--backpressure", "4096"]
    plain = ["--interface", "wsgi", "--blocking-threads", "4", "--backlog", "1024"]
    command = [python, "-m", "granian", *(ours if application.startswith("kefu.config.asgi") else plain), *common]
    log = (Path(os.environ.get("KEFU_HOME") or ".") / "server.log").open("ab")
    child = subprocess.Popen(command, env={**os.environ, **environment}, cwd=folder, stdout=log, stderr=log)
    try:
        _wait(port, path, child)
        yield port, child.pid
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
        log.close()


def _wait(port: int, path: str, child: "subprocess.Popen[bytes]") -> None:
    for _try in range(200):
        if child.poll() is not None:
            raise SystemExit(f"the server ended with {child.returncode}; see server.log")
        try:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            client.request("GET", path)
            client.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not answer")


def cpu_of(pid: int) -> float:
    """Processor seconds of a process and its children: what a request costs however busy the machine is."""
    total = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(folder.name) == pid or int(stat[1]) == pid:
                total += (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError, ValueError):
            continue
    return total


def memory_of(pid: int) -> int:
    """Resident megabytes of a process and its children."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(folder.name) == pid or int(stat[1]) == pid:
                total += int(stat[21]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):
            continue
    return total // 1_000_000
