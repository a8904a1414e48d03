"""Every code has its words, and every word its numbers."""

import re
from pathlib import Path

from kefu.quality import detectors
from kefu.quality.results import STATES
from kefu.quality.tests.dialogues import best, dialogue, service
from kefu.quality.wording import CODES, WHY, better, explain, state_title, why

_SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in Path(detectors.__file__).parent.glob("*.py"))


def test_every_reason_has_words() -> None:
    used = set(re.findall(r'NotApplicable\("(\w+)"\)', _SOURCES)) | {"case_only", "conversation_only"}
    assert used == set(WHY)
    assert all(why(code) != code for code in used)
    assert {state_title(state) for state in STATES.values()} == {"合格", "不合格", "待复核", "不适用", "人工评分"}


def test_every_code_has_words() -> None:
    mentioned = {code for code in CODES if f'"{code}"' in _SOURCES}
    assert mentioned == set(CODES)


def test_a_conversation_reads_well() -> None:
    talk = "喂 | C: 我要投诉 | 你姓什么 | C: 王 | 不知道，不归我管 | C: 什么时候到 | C: 谢谢"
    result = service().inspect(dialogue(talk, "call"))
    said = {item.item: explain(hit.code, hit.params, best()) for item, hit in reversed(result.hits)}
    assert said["opening"] == "缺少：您好、站点名称、工号、很高兴为您服务、请问有什么可以帮您"
    assert said["taboo"] == "出现“喂”"
    assert said["polite"] == "客户致谢“谢谢”，没有回应" or said["polite"].startswith("客户说到“投诉”")
    assert said["identity"] == "身份确认不礼貌：“你姓什么”"
    assert not any("%(" in text for text in said.values())
    assert better(result.item("taboo").hits[0].params) == "您好"


def test_unknown_codes_and_missing_numbers_do_no_harm() -> None:
    assert explain("something_new", {}) == "something_new"
    assert explain("word", {}) == "出现“%(term)s”"
