"""The rail and the phone's menu: groups, their order, what is left out (PLAT2)."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from kefu.console import navigation, routes

pytestmark = pytest.mark.django_db


def rail(client: Client, page: str = "desk") -> str:
    shown = client.get(reverse(f"console:{page}")).content.decode()
    return re.search(r'<nav class="rail".*?</nav>', shown, re.S)[0]


def test_every_entry_stands_once_under_its_heading() -> None:
    with translation.override("zh-hans"):
        found = {str(group.label): [str(entry.label) for entry in group.entries] for group in navigation.GROUPS}
    assert found == {
        "工作": ["工作台", "工单", "接待", "协作"],
        "服务质量": ["会话", "录音", "质检", "评分", "质检申诉", "预警", "处罚", "客户", "告知"],
        "快件": ["快件", "网点", "网店"],
        "款项与裁决": ["理赔", "台账", "仲裁", "申诉"],
        "管理": ["手册", "看板", "人员", "导入", "日志"],
    }
    assert len({entry.chord for entry in navigation.ENTRIES}) == len(navigation.ENTRIES)


def test_entries_lead_to_pages_that_exist() -> None:
    names = [name for entry in navigation.ENTRIES for name in (entry.name, entry.instead, entry.badge) if name]
    assert all(reverse(f"console:{name}").startswith("/") for name in names)
    assert all(routes.route(name) for name in names)


def test_headings_are_names_of_lists_and_empty_ones_are_left_out(signed_in: Callable[[str], Client]) -> None:
    manager, agent = rail(signed_in("manager")), rail(signed_in("agent"))
    assert re.findall(r'<ul aria-label="(.+?)">', manager) == ["工作", "服务质量", "快件", "款项与裁决", "管理"]
    assert 'href="/audit"' in manager
    assert 'href="/audit"' not in agent
    for heading in re.findall(r'<ul aria-label="(.+?)">(.*?)</ul>', agent, re.S):
        assert "<li>" in heading[1]


def test_what_is_to_be_done_opens_first_and_the_entry_stays_marked(signed_in: Callable[[str], Client]) -> None:
    manager = signed_in("manager")
    for name in ("claims", "arbitrations", "appeals"):
        address = reverse(f"console:{name}")
        assert f'href="{address}?open=1"' in rail(manager)
        assert re.search(rf'href="{address}\?open=1"[^>]*aria-current="page"', rail(manager, name))
        shown = manager.get(f"{address}?open=1").content.decode()
        assert re.search(rf'<li><a href="{address}\?open=1" aria-current="page"', shown), "a tab of the list"


def test_headings_of_what_is_left_for_the_menu() -> None:
    links = [navigation.Link("a", "", "", "/a", False, group="one"), navigation.Link("b", "", "", "/b", False, group="two")]
    assert [(label, [link.label for link in found]) for label, found in navigation.grouped(links)] == [("one", ["a"]), ("two", ["b"])]
    assert navigation.grouped(links[1:])[0][0] == "two"
    assert navigation.grouped([]) == []
