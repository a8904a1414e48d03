"""Splitting a Chinese address into province, city, district, street, village and the rest (OPS2)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from kefu.kernel.chinese import normalise
from kefu.station.areas.divisions import CITY, DISTRICT, PROVINCE, TOWN, gazetteer, is_municipality, towns_of

_GAP = re.compile(r"[\s,，、;；:：/\\|·.。\-_—>]*")
_LABEL = re.compile(
    r"(?:(?:收货|收件|寄件|发货|派送|送货|详细|联系)?地址|所在地区|地区|中华人民共和国|中国大陆|中国)[\s:：,，]*"
    r"|\d{6}(?=[\s,，]|[\u4e00-\u9fff])[\s,，]*"
)
# What stands in official tables where there is no city or district.
_FILLER = re.compile(r"市辖区|省直辖县级行政区划|自治区直辖县级行政区划|省直辖行政单位|县(?=[\u4e00-\u9fff]{1,8}县)")
# A short name is none when it goes on as the name of a road, a building or another place: 南京东路, 浙江大学, 长沙县.
_GOES_ON = re.compile(
    r"[省市区县州盟旗镇乡村]|[东西南北中内外一二三四五六七八九十]{0,2}(?:大道|大街|路|街|巷|弄|道|环|胡同)"
    r"|高速|火车站|汽车站|东站|西站|南站|北站|站|大桥|桥|门|新村|花园|小区|公寓|大厦|广场|饭店|宾馆|酒店|大酒店|银行|医院|大学|学院|中学|小学|公园|机场"
)
_DISTRICT = re.compile(
    r"[^\d\s路街号道弄巷栋幢座楼室村镇乡]{1,12}?(?:开发区|高新区|经开区|工业园区|产业园区|新区|示范区|度假区|风景区|合作区|保税区|管理区|自治县|(?<![小社园景校厂库营片市])区|县|旗)"
    r"|(?:经济技术|高新技术产业)?开发区|高新区|经开区|工业园区"
)
_COUNTY_CITY = re.compile(r"[^\d\s路街号道弄巷栋幢座楼室村镇乡区县]{2,6}?市(?![场政民])")
_ZONE = re.compile(r"[^\d\s路街号道]{0,8}?(?:新区|开发区|高新区|工业园区|示范区)")
_CITY = re.compile(r"[^\d\s路街号道弄巷区]{2,8}?(?:市(?![场政民])|自治州|地区|盟)")
_STREET = re.compile(
    r"(?:[^\d\s路号道弄巷栋幢座楼室村区]{1,12}?|[^\d\s号弄巷栋幢座楼室村区]{1,8}路)(?:街道(?:办事处|办)?|镇|(?:民族)?乡|苏木)(?![路街])"
)
_OFFICE_WORDS = re.compile("办事处|办(?!公)")
# Zones are written in several ways; one is kept.
_ZONE_NAMES = (("高新技术产业开发区", "高新区"), ("经济技术开发区", "经开区"), ("经济开发区", "经开区"))
_OFFICE = re.compile(r"(?:街道办事处|街道办|街道|镇政府|镇|乡|苏木)(?![路街])")
_VILLAGE = re.compile(
    r"[^\d\s路号道弄巷栋幢座楼室区(（]{1,12}?(?:村民委员会|居民委员会|社区居委会|村委会|居委会|社区|嘎查|(?<![新])村)(?![路街道巷口头小镇庄门])"
)
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Region:
    """An address taken apart. ``code`` is that of the deepest official place found; not ``certain``: it may lie in several places.

    In a municipality ``city`` is the province again; a district under no city (仙桃市) has none.
    """

    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    village: str = ""
    rest: str = ""
    code: str = ""
    certain: bool = True

    @property
    def parts(self) -> tuple[str, ...]:
        """From the province down, without what is empty or says the same twice."""
        city = "" if self.city == self.province else self.city
        return tuple(part for part in (self.province, city, self.district, self.street, self.village) if part)

    @property
    def path(self) -> str:
        """As a parcel's ``destination`` keeps it: 浙江省/杭州市/西湖区/文新街道."""
        return "/".join(self.parts)

    @property
    def known(self) -> bool:
        """Whether at least the district (or a city without districts) is known for certain."""
        return self.certain and bool(self.province) and bool(self.district or self.street)


@dataclass(slots=True)
class _Found:
    """The best way to read the beginning: its worth, where it ends, the deepest place; ``others`` it may mean as well."""

    score: float = 0
    end: int = 0
    place: int = -1
    others: tuple[int, ...] = ()


def split(text: str, *, near: str = "") -> Region:
    """The address taken apart, however it is written: without province or city, full width, traditional, 市辖区 in between.

    ``near`` is the city of the station that asks: it decides between places of the same name, never against what is written.
    """
    return _split(text[:_LONGEST], near)


@lru_cache(maxsize=4096)
def _split(text: str, near: str) -> Region:
    written = re.sub(r"\s+", " ", normalize("NFKC", text)).strip()
    plain = _plain(written)
    start = _lead(plain)
    home = _home(near)
    found = _best(plain, start, -1, home)
    if found.place < 0:
        found = _inside(plain, start, home) or _Found(end=start)
    return _below(written, plain, found, home)


def _plain(written: str) -> str:
    """Simplified characters, place by place: what is not one to one stays as it is."""
    return "".join(one if len(one := normalise(char).text) == 1 else char for char in written)


def _lead(plain: str) -> int:
    """Behind labels, the country, a post code."""
    at = _GAP.match(plain).end()  # type: ignore[union-attr]
    while found := _LABEL.match(plain, at):
        at = _GAP.match(plain, found.end()).end()  # type: ignore[union-attr]
    return at


@lru_cache(maxsize=512)
def _home(near: str) -> int:
    """The city (or municipality) of a name, -1 when there is none."""
    book = gazetteer()
    known = [one.place for one in book.names.get(near.strip(), ()) if book.all[one.place].level <= CITY]
    known.sort(key=lambda place: -book.all[place].level)
    return known[0] if known else -1


def _best(plain: str, at: int, above: int, home: int) -> _Found:
    """The reading of ``plain[at:]`` below a place that explains most of it."""
    book = gazetteer()
    at = _skip(plain, at, above)
    best = _Found(end=at, place=above)
    for length in range(min(book.longest, len(plain) - at), 1, -1):
        name = plain[at : at + length]
        if name not in book.names:
            continue
        for places, full in _meant(name, above, home, goes_on=_GOES_ON.match(plain, at + length) is not None):
            further = _best(plain, at + length, places[0], home)
            worth = length + 2 * full + further.score
            if worth > best.score:
                others = further.others or (places if further.place == places[0] else ())
                best = _Found(worth, further.end, further.place, others if len(others) > 1 else ())
    if above >= 0 and best.place == above and book.all[above].level < DISTRICT and (zone := _ZONE.match(plain, at)):
        further = _best(plain, zone.end(), above, home)
        return further if further.place != above else best
    return best


def _meant(name: str, above: int, home: int, *, goes_on: bool) -> list[tuple[tuple[int, ...], bool]]:
    """What a name may mean below a place, level by level; several places of one level stay together when nothing tells them apart."""
    book = gazetteer()
    level = book.all[above].level if above >= 0 else 0
    found = []
    for full in (True, False):
        if not full and goes_on:
            continue
        for deeper in (PROVINCE, CITY, DISTRICT):
            if deeper <= level or (deeper == DISTRICT and above < 0 and not full):
                continue
            places = [
                one.place
                for one in book.names[name]
                if one.full == full and book.all[one.place].level == deeper and (above < 0 or book.within(one.place, above))
            ]
            if len(places) > 1 and home >= 0:
                places = [place for place in places if book.within(place, home)] or places
            if len(places) == 1 or (places and full):
                found.append((tuple(places), full))
    return found


def _skip(plain: str, at: int, above: int) -> int:
    """Behind blanks, fillers, and the place's own name said again."""
    book = gazetteer()
    at = _GAP.match(plain, at).end()  # type: ignore[union-attr]
    if above >= 0:
        if filler := _FILLER.match(plain, at):
            return _skip(plain, filler.end(), above)
        own = book.all[above].name
        if plain.startswith(own, at):
            return _skip(plain, at + len(own), above)
    return at


def _inside(plain: str, start: int, home: int) -> _Found | None:
    """A province or city named a little further on, behind words that are no address."""
    for at in range(start + 1, min(start + 13, len(plain))):
        found = _best(plain, at, -1, home)
        if found.score >= 5:
            return found
    return None


def _below(written: str, plain: str, found: _Found, home: int) -> Region:
    """Street, village and the rest behind what was found."""
    book = gazetteer()
    place, end, certain = found.place, found.end, not found.others
    if place < 0 and home >= 0 and _town(plain, end, home):
        place = home
    city = district = street = ""
    if place >= 0 and certain and (town := _town(plain, end, place)):
        place, end = town
    elif place >= 0 or _DISTRICT.match(plain, end):
        city, district, end = _by_form(plain, end, place)
        if district and place >= 0 and (town := _town(plain, end, place)):
            place, end = town
    line = {one.level: one for one in (book.line(place) if place >= 0 else ())}
    names = {level: one.name for level, one in line.items()}
    if TOWN not in names:
        street, end = _match(_STREET, plain, end)
    village, end = _match(_VILLAGE, plain, end)
    province = names.get(PROVINCE, "")
    if not certain:
        # The name is kept, where it lies is not claimed.
        kept = names.get(DISTRICT) or names.get(CITY) or province
        return Region(district=kept, street=street, village=village, rest=written[end:].strip(" ,，;；"), certain=False)
    return Region(
        province=province,
        city=names.get(CITY, "") or city or (province if is_municipality(province) else ""),
        district=names.get(DISTRICT, "") or district,
        street=names.get(TOWN, "") or street,
        village=village,
        rest=written[end:].strip(" ,，;；"),
        code=book.all[place].code if place >= 0 else "",
        certain=place >= 0,
    )


def _town(plain: str, at: int, place: int) -> tuple[int, int] | None:
    """The town that is named here, and where its name ends; a 镇 that has become a 街道 is found by either."""
    at = _skip(plain, at, place)
    named = [town for town in towns_of(place) if plain.startswith(town.name, at)]
    if named and (len(named) == 1 or len(named[0].name) > len(named[1].name)):
        end = at + len(named[0].name)
        office = _OFFICE_WORDS.match(plain, end)
        return named[0].place, office.end() if office else end
    stems = [
        (town.place, office.end())
        for town in towns_of(place)
        if town.stem and plain.startswith(town.stem, at) and (office := _OFFICE.match(plain, at + len(town.stem)))
    ]
    return stems[0] if len(stems) == 1 else None


def _by_form(plain: str, at: int, place: int) -> tuple[str, str, int]:
    """City and district that are not in the list: abolished ones, development zones, places without a code."""
    book = gazetteer()
    above = book.all[place] if place >= 0 else None
    at = _skip(plain, at, place) if place >= 0 else at
    city = ""
    if above and above.level == PROVINCE and not is_municipality(above.name) and (found := _CITY.match(plain, at)):
        city, at = found[0], found.end()
    if above and above.level >= DISTRICT:
        return city, "", at
    inside = above is not None and (above.level == CITY or bool(city))
    named = _DISTRICT.match(plain, at) or (_COUNTY_CITY.match(plain, at) if inside else None)
    return (city, _zone_name(named[0], above.name if above else ""), named.end()) if named else (city, "", at)


def _zone_name(name: str, city: str) -> str:
    short = city.removesuffix("市")
    if short and name.startswith(short) and name.endswith("区") and len(name) > len(short) + 2:
        name = name.removeprefix(city).removeprefix(short)
    for long, kept in _ZONE_NAMES:
        name = name.replace(long, kept)
    return name


def _match(pattern: re.Pattern[str], plain: str, at: int) -> tuple[str, int]:
    at = _GAP.match(plain, at).end()  # type: ignore[union-attr]
    found = pattern.match(plain, at)
    return (found[0], found.end()) if found else ("", at)
