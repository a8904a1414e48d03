"""Who works in the demo centre: a hub, two express stations and a shop, forty people with every role."""

from dataclasses import dataclass

from kefu.people.permissions import ROLE_TITLES, Role

PASSWORD = "kefu-demo-2026"  # noqa: S105 (the demo's, printed on purpose)
MARK = "DEMO"


@dataclass(frozen=True, slots=True)
class SiteSeed:
    """A site: ``key`` is its name inside the demo; ``network`` has nobody and stands for the carriers' sites elsewhere."""

    key: str
    code: str
    name: str
    kind: str
    handbook: str
    city: str
    parent: str = ""
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffSeed:
    """Somebody: ``skill`` from 0 (breaks many rules) to 1 (breaks none)."""

    username: str
    staff_no: str
    name: str
    role: str
    site: str
    team: str = ""
    skill: float = 0.8
    hired_days: int = 400


SITES = (
    SiteSeed("hub", "NJ-DEMO01", "南京分拨中心", "hub", "best", "南京"),
    SiteSeed("south", "NJ-DEMO02", "南市分部", "station", "best", "南京", "hub", ("早班组", "晚班组")),
    SiteSeed("north", "NJ-DEMO03", "城北网点", "station", "zto", "南京", "hub", ("客服组",)),
    SiteSeed("shop", "HZ-DEMO04", "臻选旗舰店", "shop", "shop", "杭州", "", ("售前组", "售后组")),
    SiteSeed("network", "DEMO-NET", "全国网络（外部站点）", "hq", "best", ""),
)
BRANDS = {"south": "百世汇通", "north": "中通快递", "shop": ""}
DESKS = ("south", "north", "shop")

_AGENTS = (
    ("south", "早班组", "李晓"), ("south", "早班组", "周敏"), ("south", "早班组", "孙婷婷"), ("south", "早班组", "胡佳怡"),
    ("south", "晚班组", "郭磊"), ("south", "晚班组", "马晓燕"), ("south", "晚班组", "林俊杰"), ("south", "晚班组", "宋丹"),
    ("north", "客服组", "吴静"), ("north", "客服组", "郑凯"), ("north", "客服组", "谢雨欣"), ("north", "客服组", "韩雪"),
    ("north", "客服组", "唐鹏"), ("north", "客服组", "冯倩"), ("north", "客服组", "董欣怡"),
    ("shop", "售前组", "程诗涵"), ("shop", "售前组", "曹颖"), ("shop", "售前组", "袁浩然"), ("shop", "售前组", "邓洁"),
    ("shop", "售后组", "许可馨"), ("shop", "售后组", "傅阳"), ("shop", "售后组", "沈梦琪"),
)  # fmt: skip
_SKILLS = (0.92, 0.85, 0.95, 0.6, 0.75, 0.88, 0.35, 0.8)
_OTHERS = (
    ("lead", "south", "早班组", "王芳"), ("lead", "south", "晚班组", "罗志强"), ("lead", "north", "客服组", "梁慧敏"),
    ("lead", "shop", "售前组", "高晓琳"), ("lead", "shop", "售后组", "何文斌"),
    ("inspector", "hub", "", "陈静"), ("inspector", "hub", "", "彭洁"), ("inspector", "shop", "", "吕颖"),
    ("trainer", "hub", "", "赵磊"),
    ("clerk", "south", "", "孙建华"), ("clerk", "south", "", "苏刚"), ("clerk", "north", "", "卢勇"), ("clerk", "north", "", "蒋军"),
    ("clerk", "hub", "", "蔡强"),
    ("manager", "hub", "", "刘建国"), ("manager", "south", "", "黄丽"), ("manager", "shop", "", "徐美玲"),
    ("admin", "hub", "", "管理员"),
)  # fmt: skip
_NUMBERS = {"hub": 900, "south": 100, "north": 200, "shop": 300}


def _staff() -> tuple[StaffSeed, ...]:
    people: list[StaffSeed] = []
    used: dict[str, int] = {}
    sites: dict[str, int] = {}
    rows = [("agent", site, team, name) for site, team, name in _AGENTS] + list(_OTHERS)
    for place, (role, site, team, name) in enumerate(rows):
        used[role] = used.get(role, 0) + 1
        sites[site] = sites.get(site, 0) + 1
        username = role if used[role] == 1 else f"{role}{used[role]:02d}"
        number = str(_NUMBERS[site] + sites[site])
        skill = _SKILLS[place % len(_SKILLS)] if role == "agent" else 0.95
        hired = 40 if place % 9 == 4 else 200 + place * 37
        people.append(StaffSeed(username, number, name, role, site, team, skill, hired))
    return tuple(people)


STAFF = _staff()


def agents_of(site: str) -> list[StaffSeed]:
    """People of a desk who talk to customers."""
    return [one for one in STAFF if one.site == site and one.role == "agent"]


def first_of(role: str, site: str) -> StaffSeed:
    """The person of a site with this role; where it has none, the hub's."""
    rows = [one for one in STAFF if one.role == role and one.site == site]
    return rows[0] if rows else next(one for one in STAFF if one.role == role)


def sign_ins() -> list[tuple[str, str, str]]:
    """Title of the role, sign-in name and password: one for each role, and an agent of each other desk."""
    names = {site.key: site.name for site in SITES}
    rows = []
    for role in Role:
        one = next((person for person in STAFF if person.role == role), None)
        if one is not None:
            rows.append((f"{ROLE_TITLES[role]} {names[one.site]}", one.username, PASSWORD))
    for site in DESKS[1:]:
        one = agents_of(site)[0]
        rows.append((f"{ROLE_TITLES[Role.AGENT]} {names[site]}", one.username, PASSWORD))
    return rows
