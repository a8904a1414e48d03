import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from django.template import engines
from django.utils import timezone
from jinja2 import UndefinedError

CONSOLE = Path(__file__).parents[1]
REPOSITORY = CONSOLE.parents[2]
env: Any = engines["jinja2"].env  # type: ignore[attr-defined]


def render(source: str, **values: Any) -> str:
    return str(env.from_string(source).render(**values))


def test_everything_is_escaped_also_in_translated_sentences() -> None:
    assert render("{{ name }}", name="<b>") == "&lt;b&gt;"
    assert render('{{ _("今天 %(time)s", time=name) }}', name="<b>") == "今天 &lt;b&gt;"
    assert "&lt;b&gt;" in render('{% import "macros/parts.jinja" as parts %}{{ parts.person(name) }}', name="<b>张")
    attack = '"><script>alert(1)</script>'
    for call in (
        "waybill(v)",
        "badge(v)",
        "button(v, attrs={'data-x': v})",
        "notice(v)",
        "facts([(v, v)])",
        "figure(v, v)",
        "empty_state('box', v, v)",
    ):
        assert "<script" not in render(f'{{% import "macros/parts.jinja" as parts %}}{{{{ parts.{call} }}}}', v=attack), call


def test_a_missing_name_fails_instead_of_showing_nothing() -> None:
    with pytest.raises(UndefinedError):
        render("{{ nobody }}")


def test_json_block_cannot_be_closed_from_inside() -> None:
    text = render("{{ value|json_data }}", value={"a": "</script><!-- & \u2028"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><!-- & \u2028"}


def test_when_keeps_the_exact_time_for_hover_and_scripts() -> None:
    html = render("{{ at|when }}", at=timezone.now())
    assert re.fullmatch(r'<time datetime="[-\dT:+]+" title="[-\d: ]+" data-relative="今天 \d\d:\d\d">刚刚</time>', html)
    assert render("{{ at|when }}", at=None) == "—"


def test_words_of_a_constant_are_not_worked_out_once_for_every_language() -> None:
    for name in ("duration", "when", "exact", "instant"):
        assert "t_1(context" in env.compile("{{ 2100|" + name + " }}", raw=True), name


def test_compiled_templates_of_another_version_are_not_used() -> None:
    own = hashlib.sha256((CONSOLE / "jinja.py").read_bytes() + (CONSOLE / "template_calls.py").read_bytes()).hexdigest()
    assert own.startswith(Path(env.bytecode_cache.directory).name)


def test_every_template_compiles() -> None:
    names = [str(path.relative_to(CONSOLE / "templates")) for path in (CONSOLE / "templates").rglob("*.jinja")]
    assert len(names) > 15
    for name in names:
        env.get_template(name)


def test_every_icon_named_in_a_template_is_built() -> None:
    known = json.loads((REPOSITORY / "frontend" / "icons.json").read_text())
    pattern = re.compile(r'\bicon\("([\w-]+)"|\bbutton\([^)]*?\), "([\w-]+)"|empty_state\("([\w-]+)"')
    for path in (CONSOLE / "templates").rglob("*.jinja"):
        for found in pattern.finditer(path.read_text()):
            name = next(group for group in found.groups() if group)
            assert name in known, f"{path.name}: {name}"


def test_no_template_holds_inline_script_style_or_handlers() -> None:
    for path in (CONSOLE / "templates").rglob("*.jinja"):
        text = path.read_text()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on", text), path
        for script in re.findall(r"<script[^>]*>", text):
            assert "application/json" in script or "src=" in script, path


def test_every_sentence_has_its_english() -> None:
    locale = CONSOLE.parent / "locale"
    catalogues = [*(locale / "parts").glob("*.en.po"), *locale.glob("en/LC_MESSAGES/django.po")]
    english = {
        message.id[0] if isinstance(message.id, tuple) else message.id: message.string
        for path in catalogues
        for message in read_po(path.open("rb"))
    }
    options = {"**.jinja": {"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "trimmed": "true", "silent": "false"}}
    keywords = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}
    found = extract_from_dir(str(CONSOLE), [("**.py", "python"), ("**.jinja", "jinja2")], options, keywords=keywords)  # type: ignore[arg-type]
    texts = {
        message[0] if isinstance(message, tuple) else message for name, _line, message, *_rest in found if not name.startswith("tests")
    }
    assert len(texts) > 150
    assert not {text for text in texts if not english.get(text)}
