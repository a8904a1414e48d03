"""Pages on paper: a Typst template filled with data, in a Chinese font found on the machine (PLAT3).

What people wrote reaches the template as data, never as markup. No font is shipped: the machine's are used, or those under ``KEFU_FONTS``.
"""

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Invalid

# The first one found is used: by how well they read on paper.
CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "HarmonyOS Sans SC",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "SimHei",
    "SimSun",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "AR PL UMing CN",
)


class FontMissing(Invalid):
    """No Chinese font on the server: a page of empty boxes would be worse than none."""

    code = "font_missing"
    message = _("服务器上没有中文字体，无法生成 PDF。请管理员安装 fonts-noto-cjk，或用 KEFU_FONTS 指定字体目录后再试。")


def _folders() -> tuple[str, ...]:
    return tuple(part for part in os.environ.get("KEFU_FONTS", "").split(os.pathsep) if part)


@lru_cache(maxsize=4)
def _fonts(folders: tuple[str, ...], system: bool) -> typst.Fonts:
    """The fonts there are; looking through them takes a second, so once per process."""
    return typst.Fonts(include_system_fonts=system, font_paths=list(folders))


def chinese_font(*, system: bool = True) -> str:
    """Family of the Chinese font to write in. Raises ``FontMissing``."""
    families = set(_fonts(_folders(), system).families())
    for family in CHINESE:
        if family in families:
            return family
    raise FontMissing


def written(template: Path, data: Mapping[str, Any]) -> bytes:
    """The template as a PDF; it reads ``data`` from ``sys.inputs.data`` and its font from ``sys.inputs.font``."""
    inputs = {"data": json.dumps(dict(data), ensure_ascii=False), "font": chinese_font()}
    found = typst.compile(str(template), root=str(template.parent), font_paths=_fonts(_folders(), True), sys_inputs=inputs, format="pdf")
    assert isinstance(found, bytes)
    return found
