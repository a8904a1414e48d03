"""Sample data of the style page, in the language in force. Not translated strings: examples, with the names and lengths real data has."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kefu.console.times import chinese
from kefu.kernel.paging import CappedCount, Page

TOKENS = (
    "page",
    "surface",
    "surface-sunken",
    "surface-selected",
    "line",
    "text",
    "text-soft",
    "text-faint",
    "accent-fill",
    "accent-soft",
    "good-fill",
    "good-soft",
    "warn-fill",
    "warn-soft",
    "bad-fill",
    "bad-soft",
    "quiet-fill",
    "quiet-soft",
    "note-soft",
    "mark",
)
# Colours that meet: words on their ground (4.5 : 1 at least), and marks that must be seen (3 : 1). Tests hold both themes to it.
_TONES = ("accent", "good", "warn", "bad", "quiet")
_GROUNDS = ("page", "surface", "surface-sunken", "surface-hover", "surface-selected", "surface-raised")
WORDS_ON_GROUND = (
    *((words, ground) for words in ("text", "text-soft", "text-faint") for ground in _GROUNDS),
    *((f"{tone}-text", ground) for tone in _TONES for ground in ("surface", f"{tone}-soft", "page")),
    ("note-text", "note-soft"),
    ("text", "note-soft"),
    ("mark-text", "mark"),
    ("text-on-accent", "accent-fill"),
    ("text-on-accent", "accent-fill-hover"),
    ("accent-text", "surface-selected"),
    *(("text", f"{tone}-soft") for tone in ("accent", "good", "warn", "bad")),
)
MARKS_ON_GROUND = (
    ("line-control", "surface"),
    ("focus", "surface"),
    ("focus", "page"),
    *((f"{tone}-fill", "surface") for tone in ("accent", "good", "bad")),
)
AA_WORDS, AA_MARKS = 4.5, 3.0
SIZES = (("figure", 26), ("title", 20), ("large", 16), ("body", 14), ("small", 13), ("caption", 12))


@dataclass(frozen=True, slots=True)
class SampleClock:
    """A clock in a chosen state."""

    state: str
    due_at: datetime
    warn_at: datetime | None = None
    breached_at: datetime | None = None
    met_at: datetime | None = None


def _clocks(now: datetime) -> list[SampleClock]:
    minute = timedelta(minutes=1)
    return [
        SampleClock("running", now + 80 * minute, now + 60 * minute),
        SampleClock("running", now + 9 * minute, now - minute),
        SampleClock("running", now - 35 * minute, now - 60 * minute, now - 35 * minute),
        SampleClock("paused", now + 300 * minute),
        SampleClock("met", now, met_at=now - 5 * minute),
        SampleClock("met", now - 9 * minute, breached_at=now - 9 * minute, met_at=now),
        SampleClock("stopped", now),
    ]


def _words() -> dict[str, Any]:
    if chinese():
        return {
            "clock_names": ["回电", "首次方案", "解决", "补充凭证", "安抚", "首次答复", "法定答复"],
            "cases": [
                (
                    "GD2406180031",
                    "派送延误，收件人急用药品，要求今天 18 点前送达",
                    "延误",
                    "处理中",
                    "accent",
                    "王小丽",
                    "1001",
                    "773025146889012",
                ),
                ("GD2406180027", "外包装破损，内件玻璃杯碎两只", "破损", "待客户", "warn", "欧阳建国", "1012", "552011874420365"),
                ("GD2406180019", "签收非本人，客户称未收到", "遗失", "已升级", "bad", "李娜", "1003", "773025146880077"),
                ("GD2406170142", "快递员态度生硬，要求道歉", "服务态度", "已解决", "good", "王小丽", "1001", "YT8840013729104"),
            ],
            "customer": "陈先生",
            "site": "杭州滨江一部",
            "team": "早班一组",
            "address": "浙江省杭州市滨江区江南大道 3888 号",
            "talk": [
                ("agent", "王小丽 1001", "您好，百世汇通杭州滨江客服 1001 号，请问有什么可以帮您？", "good"),
                ("customer", "陈先生", "我的快递都三天了还没到，你们到底送不送？单号 773025146889012", None),
                ("agent", "王小丽 1001", "不知道，你自己去网上查。", "bad"),
                ("customer", "陈先生", "你这是什么态度？我要投诉。", None),
            ],
            "finding": "推诿 -2 分",
            "praise": "开头语完整",
            "gap": "间隔 6 分 12 秒，超过规定的 2 分钟",
            "system": "会话已转接给 李娜（1003）",
            "entries": [
                ("call", "accent", "王小丽", "拨打客户电话，3 分 20 秒", "已向客户致歉并说明原因，承诺今天 18 点前送达。客户同意。"),
                ("note", "note", "李娜", "写了内部备注", "派送员今天请假，已请滨江二部支援，16 点前取件。"),
                ("clock-late", "bad", "系统", "“回电”超时 35 分，已通知组长", None),
                ("check-circle", "good", "王小丽", "完成步骤“核实快件位置”", None),
            ],
            "days": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
            "series": ["按时", "超时"],
        }
    return {
        "clock_names": ["Call back", "First plan", "Solve", "Evidence", "Soothe", "First answer", "Legal answer"],
        "cases": [
            (
                "GD2406180031",
                "Late delivery, urgent medicine, wanted before 18:00 today",
                "Delay",
                "In progress",
                "accent",
                "Wang Xiaoli",
                "1001",
                "773025146889012",
            ),
            (
                "GD2406180027",
                "Outer box damaged, two glasses broken inside",
                "Damage",
                "Waiting for customer",
                "warn",
                "Ouyang Jianguo",
                "1012",
                "552011874420365",
            ),
            (
                "GD2406180019",
                "Signed by somebody else, customer received nothing",
                "Loss",
                "Escalated",
                "bad",
                "Li Na",
                "1003",
                "773025146880077",
            ),
            ("GD2406170142", "Courier was rude, wants an apology", "Attitude", "Solved", "good", "Wang Xiaoli", "1001", "YT8840013729104"),
        ],
        "customer": "Mr Chen",
        "site": "Hangzhou Binjiang 1",
        "team": "Early shift 1",
        "address": "3888 Jiangnan Avenue, Binjiang, Hangzhou, Zhejiang",
        "talk": [
            ("agent", "Wang Xiaoli 1001", "Hello, Best Express Hangzhou Binjiang, agent 1001, how may I help you?", "good"),
            ("customer", "Mr Chen", "My parcel is three days late. Are you going to deliver it at all? Number 773025146889012", None),
            ("agent", "Wang Xiaoli 1001", "No idea, look it up on the web yourself.", "bad"),
            ("customer", "Mr Chen", "What kind of attitude is that? I want to complain.", None),
        ],
        "finding": "Shirking -2 points",
        "praise": "Full opening",
        "gap": "6 min 12 s of silence, above the limit of 2 minutes",
        "system": "Conversation handed to Li Na (1003)",
        "entries": [
            (
                "call",
                "accent",
                "Wang Xiaoli",
                "called the customer, 3 min 20 s",
                "Apologised and explained; promised delivery before 18:00 today. The customer agreed.",
            ),
            ("note", "note", "Li Na", "wrote an internal note", "The courier is off today; Binjiang 2 collects before 16:00."),
            ("clock-late", "bad", "System", "“Call back” is 35 min over, the lead was told", None),
            ("check-circle", "good", "Wang Xiaoli", "finished the step “locate the parcel”", None),
        ],
        "days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        "series": ["In time", "Late"],
    }


def samples(now: datetime) -> dict[str, Any]:
    """Everything the style page shows."""
    words = _words()
    clocks = _clocks(now)
    return {
        "tokens": TOKENS,
        "contrasts": [(*pair, AA_WORDS) for pair in WORDS_ON_GROUND] + [(*pair, AA_MARKS) for pair in MARKS_ON_GROUND],
        "sizes": SIZES,
        "words": words,
        "clocks": list(zip(words["clock_names"], clocks, strict=True)),
        "cases": [
            (*case, clock, now - timedelta(minutes=7 + 95 * index))
            for index, (case, clock) in enumerate(zip(words["cases"], clocks, strict=False))
        ],
        "paging": Page(rows=[], next="n", previous="p"),
        "count": CappedCount(1000, capped=True),
        "moments": [
            now - timedelta(seconds=20),
            now - timedelta(minutes=5),
            now - timedelta(hours=26),
            now - timedelta(days=40),
            now - timedelta(days=500),
        ],
        "chart": {
            "xAxis": {"type": "category", "data": words["days"]},
            "yAxis": {"type": "value"},
            "legend": {},
            "series": [
                {
                    "name": words["series"][0],
                    "type": "bar",
                    "stack": "day",
                    "barWidth": 22,
                    "data": [132, 141, 128, 150, 162, 98, 87],
                    "color": "@accent-fill",
                },
                {"name": words["series"][1], "type": "bar", "stack": "day", "data": [6, 4, 9, 3, 7, 2, 1], "color": "@bad-fill"},
            ],
        },
    }
