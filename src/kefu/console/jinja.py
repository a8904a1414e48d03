"""The template environment: escaping on, missing names fail, words from Django's catalogue, globals and filters of the console."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static as static_url
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from kefu.console import template_calls, times
from kefu.console.citations import named
from kefu.console.clock_face import clock_face
from kefu.console.help_links import help_address
from kefu.exports.stamp import REASONS
from kefu.kernel import masking
from kefu.kernel.wording import listed

_log = logging.getLogger(__name__)
ICONS = "dist/icons.svg"


def static(path: str) -> str:
    """Address of a built file. One that was not collected yet costs its look, never the page."""
    try:
        return static_url(path)
    except ValueError:
        _log.exception("Static file %s is not collected: build the front end and collect static files", path)
        return f"{settings.STATIC_URL}{path}"


@lru_cache(maxsize=1024)
def _form(name: str, arguments: tuple[str, ...]) -> str:
    """An address with its blanks, ``/cases/%(case_id)s``, made from one with a mark in each: the resolver takes 20 µs each time."""
    marks = {argument: 9_000_000_000 + place for place, argument in enumerate(arguments)}
    made = reverse(f"console:{name}", kwargs=marks).replace("%", "%%")
    for argument, mark in marks.items():
        made = made.replace(str(mark), f"%({argument})s")
    return made


def url(name: str, **arguments: Any) -> str:
    """Address of a console page by its route name. Numbers and plain texts are filled in without asking the resolver again."""
    for value in arguments.values():
        if type(value) is int and value >= 0:
            continue
        # Other texts may need quoting, or not fit the address at all.
        if not (type(value) is str and value.isascii() and value.isalnum()):
            return reverse(f"console:{name}", kwargs=arguments)
    return _form(name, tuple(arguments)) % arguments


@lru_cache(maxsize=256)
def has_page(name: str) -> bool:
    """Whether a route without arguments exists."""
    try:
        reverse(f"console:{name}")
    except NoReverseMatch:
        return False
    return True


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static(ICONS)


@lru_cache(maxsize=512)
def _icon(name: str, kind: str) -> Markup:
    extra = f" icon-{kind}" if kind else ""
    return Markup('<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>').format(extra, _sprite(), name)


def icon(name: str, kind: str = "") -> Markup:
    """An icon by its meaning (``frontend/icons.json``), silent to screen readers: the word beside it speaks."""
    return _icon(name, kind)


@pass_context
def may(context: Context, permission: str) -> bool:
    """Whether the reader holds a permission. Only in templates and blocks, not inside imported macros."""
    actor = getattr(context.get("request"), "actor", None)
    return bool(actor and actor.may(permission))


def language() -> str:
    """Language of the page as HTML names it."""
    return "zh-Hans" if times.chinese() else "en"


def when(moment: datetime | None, now: datetime | None = None) -> Markup | str:
    """A moment in words, its exact time on hover, kept true by the script while the page stays open."""
    if moment is None:
        return times.NOTHING
    now = now or timezone.now()
    text, moving = times.relative(moment, now)
    attribute = f' data-relative="{escape(times.settled(moment, now))}"' if moving else ""
    local = times.local(moment).isoformat(timespec="seconds")
    # Only words of our own and figures: escaped where a translation could hold a mark.
    return Markup(f'<time datetime="{local}" title="{local[:10]} {local[11:19]}"{attribute}>{escape(text)}</time>')  # noqa: S704


def instant(moment: datetime | None) -> str:
    """A moment for scripts: ISO 8601 with its offset."""
    return "" if moment is None else times.local(moment).isoformat(timespec="seconds")


def json_data(value: Any) -> Markup:
    """A value for a JSON block of the page; cannot close the block or open a tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704  escaped just here


def export_reasons() -> list[tuple[str, str]]:
    """What a file with personal data may be taken for."""
    return [(key, str(title)) for key, title in REASONS.items()]


def masked_phone(value: str | None) -> str:
    """A phone number as somebody without the right to see it may read it (R48)."""
    return masking.mask_phone(value) if value else times.NOTHING


def masked_name(value: str | None) -> str:
    """A person's name, masked."""
    return masking.mask_name(value) if value else times.NOTHING


def masked_address(value: str | None) -> str:
    """An address, masked."""
    return masking.mask_address(value) if value else times.NOTHING


def masked_text(value: str | None) -> str:
    """Free text with the personal data in it masked."""
    return masking.mask_text(value) if value else ""


def _in_time(words: Callable[..., Any]) -> Callable[..., Any]:
    """A filter whose words depend on the reader: asking for the context keeps Jinja from working out constants once for everybody."""

    @pass_context
    def live(_context: Context, *args: Any, **kwargs: Any) -> Any:
        return words(*args, **kwargs)

    return live


FILTERS = {
    "when": _in_time(when),
    "exact": _in_time(times.exact),
    "instant": _in_time(instant),
    "duration": _in_time(times.duration),
    "money": times.money,
    "number": times.number,
    "percent": times.percent,
    "json_data": json_data,
    "masked_phone": masked_phone,
    "masked_name": masked_name,
    "masked_address": masked_address,
    "masked_text": masked_text,
    "named": _in_time(named),
}


def _cache() -> FileSystemBytecodeCache | None:
    # Compiled templates depend on how filters are declared here and how output is written, which Jinja does not notice: each version of
    # these files has its own folder.
    own = hashlib.sha256(b"".join(Path(file).read_bytes() for file in (__file__, template_calls.__file__))).hexdigest()[:16]
    folder = Path(settings.KEFU_HOME) / "cache" / "templates" / own
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder))


def environment(**options: Any) -> Environment:
    """Built once by Django for its Jinja2 backend."""
    made: Mapping[str, Any] = {
        **options,
        "autoescape": True,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "bytecode_cache": _cache(),
        "extensions": ["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
    }
    env = Environment(**made)  # noqa: S701  autoescape is set two lines above
    env.policies["ext.i18n.trimmed"] = True
    env.context_class = template_calls.QuickContext
    env.code_generator_class = template_calls.QuickGenerator
    env.extend(shown=template_calls.shown)
    extension: Any = env  # the extension adds its switch at run time
    extension.newstyle_gettext = True
    env.globals.update(
        _=template_calls.gettext,
        gettext=template_calls.gettext,
        ngettext=template_calls.ngettext,
        pgettext=template_calls.pgettext,
        npgettext=template_calls.npgettext,
        static=static,
        url=url,
        clock_face=clock_face,
        has_page=has_page,
        help_address=help_address,
        icon=icon,
        may=may,
        language=language,
        listed=listed,
        now=timezone.now,
        export_reasons=export_reasons,
        script_words=times.script_words,
        select_options=template_calls.options,
    )
    env.filters.update(FILTERS)
    return env
