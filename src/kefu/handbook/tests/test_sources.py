"""Every rule sentence of the four source handbooks stands in a clause (HB1): ``sources.tsv`` pairs their words with clause ids."""

import json
import re
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import pytest

from kefu.handbook import builtin
from kefu.handbook.loader import read
from kefu.handbook.schema import Handbook

_SILENT = re.compile(r"[\s,，。、；;：:（）()“”\"'‘’/！!？?…·\-—*0-9]")
_TABLE = [tuple(line.split("\t")) for line in (Path(__file__).parent / "sources.tsv").read_text(encoding="utf-8").splitlines()[1:]]


@lru_cache(maxsize=8)
def book(key: str) -> Handbook:
    found = read(builtin.text(key), file=f"{key}.yaml", bases=builtin.text)
    assert found.problems == ()
    return found.handbook


@lru_cache(maxsize=2000)
def words_of(key: str, clause_id: str) -> str:
    value = book(key).clause(clause_id)
    assert value is not None, f"{key}#{clause_id} is gone"
    return _SILENT.sub("", json.dumps(value.model_dump(mode="json"), ensure_ascii=False))


@pytest.mark.parametrize("key", ["best", "shop", "zto", "callcenter"])
def test_every_sentence_of_the_source_stands_in_its_clause(key):
    rows = [row for row in _TABLE if row[0] == key]
    assert len(rows) > 90
    lost = [(clause_id, words) for _key, clause_id, words in rows if _SILENT.sub("", words) not in words_of(key, clause_id)]
    assert lost == []


# The yuan of the scorecard of [B], in the order of its table.
FINES = [
    ("opening", 50), ("closing", 50), ("mandarin", 30), ("polite", 30), ("taboo", 50), ("voice", 30), ("insult", 100),
    ("warmth", 50), ("patience", 50), ("shirking", 50),
    ("identity", 30), ("intent", 30), ("tact", 30), ("prompt", 30),
    ("record", 100), ("response_rate", 100), ("solve_rate", 100),
    ("skill", 100), ("basics", 100),
]  # fmt: skip


def test_the_scorecard_of_best_has_its_19_items_with_their_fines():
    card = book("best").scorecards["service"]
    assert [(item.id, int(item.penalty.money)) for item in card.items()] == FINES
    assert sum(item.penalty.money for item in card.items()) == 1110
    assert all(item.penalty.points * 10 == item.penalty.money for item in card.items())
    assert [group.title for group in card.groups] == ["服务用语", "服务态度", "应答技巧", "问题解决", "业务能力"]


CLOCKS = [
    ("best", "call_back", timedelta(hours=2), {"delay", "loss"}),
    ("best", "solve", timedelta(hours=48), {"delay", "loss"}),
    ("best", "law_complaint", timedelta(days=7), {"delay", "complaint"}),
    ("best", "regulator_answer", timedelta(days=15), set()),
    ("zto", "answer", timedelta(seconds=5), set()),
    ("zto", "answer_urgent", timedelta(seconds=10), set()),
    ("zto", "ticket", timedelta(hours=24), {"enquiry", "delay"}),
    ("zto", "ticket_urgent", timedelta(hours=4), {"enquiry", "delay"}),
    ("zto", "soothe", timedelta(hours=2), {"delay", "attitude"}),
    ("zto", "first_plan", timedelta(hours=24), {"delay", "attitude"}),
    ("shop", "parcel_answer", timedelta(hours=24), {"parcel_watch"}),
    ("shop", "return_refund", timedelta(days=7), {"after_sales"}),
]


@pytest.mark.parametrize(("key", "clock", "target", "kinds"), CLOCKS, ids=[f"{one[0]}-{one[1]}" for one in CLOCKS])
def test_time_limits_are_those_of_the_sources(key, clock, target, kinds):
    found = book(key).clocks[clock]
    assert found.target == target
    assert kinds <= set(found.applies.kinds)


FLOWS = [
    ("best", ["enquiry", "pickup_order", "delay", "damage", "shortage", "loss", "arbitration", "forwarding", "attitude", "complaint"]),
    ("zto", ["delay", "loss", "damage", "attitude", "complaint", "enquiry"]),
    ("shop", ["after_sales", "refund", "unshipped", "parcel_watch"]),
    ("callcenter", ["consult", "complaint", "after_sales"]),
]


@pytest.mark.parametrize(("key", "kinds"), FLOWS, ids=[one[0] for one in FLOWS])
def test_every_flow_of_the_sources_is_a_procedure(key, kinds):
    assert [kind for kind in kinds if book(key).procedure_for(kind) is None] == []


def test_the_six_step_complaint_has_the_six_stages_in_order():
    procedure = book("callcenter").procedures["complaint"]
    stages = list(dict.fromkeys(step.stage for step in procedure.steps))
    assert stages == ["receive", "classify", "investigate", "solution", "feedback", "follow_up"]


def test_duties_of_the_shop_are_all_there():
    counts = {key: len(duties.items) for key, duties in book("shop").duties.items()}
    assert counts == {"presales_lead": 8, "presales": 9, "aftersales_lead": 11, "aftersales": 9, "midsales": 6}
    assert len(book("shop").ledgers) == 8


def test_forbidden_words_of_best_and_their_better_phrases():
    taboo = book("best").lexicons["taboo"]
    assert {"喂", "不清楚", "不知道", "你想好了再打来"} <= set(taboo.terms())
    assert all(word.better for word in taboo.words)
    assert {"啊", "哎呦", "啧", "咦", "呀"} <= set(book("best").lexicons["fillers"].terms())
    assert book("best").lexicons["fillers"].channels == ("call",)
    assert {"傻啊", "脑残"} <= set(book("best").lexicons["insults"].terms())
    assert {"谢谢", "请问", "稍等", "对不起", "再见", "不客气"} <= set(book("best").lexicons["polite"].terms())


def test_tiers_kpis_scenarios_and_courses_of_zto():
    zto = book("zto")
    assert [zto.tiers[key].title for key in ("vip", "important", "normal")] == ["VIP 客户", "重要客户", "普通客户"]
    assert set(zto.kpis) == {"satisfaction", "first_response", "handle_time", "complaint_rate", "training_completion"}
    assert set(zto.scenarios) == {"delay", "loss", "damage", "attitude"}
    assert {"culture", "skills", "business"} <= set(zto.courses)
