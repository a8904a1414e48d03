"""QA2: the curated word list. Every sentence was written for this file."""

import pytest

from kefu.quality.insult import lexicon
from kefu.quality.insult.lexicon import LexiconError, find, load_lexicon, parse

MUST_HIT = [
    ("您是不是脑残，单号都能抄错", "脑残"),
    ("你个傻逼别再打电话了", "傻逼"),
    ("傻啊你，地址都不写门牌", "傻啊"),
    ("我看你真有病吧", "有病吧"),
    ("神经病，半夜催件", "神经病"),
    ("滚！别来烦我", "滚"),
    ("你这种废物也会网购", "废物"),
    ("穷鬼还买什么保价", "穷鬼"),
    ("真是土包子，取件码都没见过", "土包子"),
    ("没文化就别填单子", "没文化"),
    ("说三遍了，听不懂人话吗", "听不懂人话"),
    ("你瞎啊，短信里写着呢", "你瞎啊"),
    ("您瞎吗？面单上就有", "你瞎吗"),
    ("你聋了？我说明天到", "你聋了"),
    ("白痴才会选这个网点", "白痴"),
    ("傻 * 逼", "傻逼"),
    ("傻*逼一个", "傻逼"),
    ("腦殘客戶又來了", "脑残"),
    ("你這個廢物", "废物"),
    ("SB客户", "sb"),
    ("真是s b", "sb"),
    ("你ｓｂ吧", "sb"),
    ("tmd有完没完", "tmd"),
    ("T M D，又投诉", "tmd"),
    ("nc客户投诉我", "nc"),
    ("cnm，爱寄不寄", "cnm"),
    ("傻B，自己不看通知", "傻b"),
    ("傻🐶逼", "傻逼"),
    ("脑\u200b残", "脑残"),
    ("智-障吧", "智障"),
    ("你*弱·智", "你弱智"),
    ("您智障吗？", "智障"),
    ("滚出去，别在群里问", "滚出去"),
    ("滚蛋，别再打来", "滚蛋"),
    ("赶紧给我滚", "给我滚"),
    ("闭嘴，听我说", "闭嘴"),
    ("你是猪吗", "你是猪"),
    ("猪脑子都比你好使", "猪脑子"),
    ("长没长脑子啊", "长没长脑子"),
    ("您脑子进水了？", "脑子进水"),
    ("没素质的客户我见多了", "没素质"),
    ("没教养", "没教养"),
    ("真不要脸，三块钱也要赔", "真不要脸"),
    ("王八蛋，敢投诉我", "王八蛋"),
    ("混蛋东西", "混蛋"),
    ("贱人", "贱人"),
    ("畜生都不如", "畜生"),
    ("活该你收不到", "活该"),
    ("你信不信我打你", "你信不信我打"),
    ("你给我等着，我知道你住哪", "你给我等着"),
    ("小心走夜路", "小心走夜路"),
    ("再投诉我就弄死你", "弄死你"),
    ("下次让你好看", "让你好看"),
    ("你怎么不去死", "怎么不去死"),
    ("他妈的，又是你", "他妈的"),
    ("放屁，我明明派了", "放屁"),
    ("去你妈的快递", "去你妈"),
    ("您可真行啊，这都能填错", "你可真行"),
    ("爱投诉投诉，随便", "爱投诉投诉"),
    ("有本事你去告啊", "有本事你去"),
    ("买不起就别买", "买不起就别"),
    ("没钱就别寄到付", "没钱就别"),
    ("你以为你是谁", "你以为你是谁"),
    ("这点东西你也好意思要赔偿", "你也好意思"),
    ("您还好意思投诉", "你还好意思"),
    ("催什么催，赶着投胎啊", "催什么催"),
    ("小学毕业了吗，地址都看不懂", "小学毕业了吗"),
    ("快递公司你家开的？", "快递公司你家开的"),
    ("乡巴佬", "乡巴佬"),
    ("蠢货，自己查", "蠢货"),
]

MUST_NOT_HIT = [
    "您好，很高兴为您服务",
    "请您稍等，我马上为您查询",
    "亲，快件已到转运中心，预计明天派送",
    "usb数据线已经发货",
    "USB-C 转接头",
    "asb123是您的取件码",
    "ncaa球衣",
    "订单号 SB20261122001",
    "tmdb",
    "电脑残留的订单信息请清一下缓存",
    "电脑 残值评估",
    "智障人士可以由家属代签",
    "理智障碍赛",
    "滚筒洗衣机送货上门",
    "滚动条往下拉就能看到物流",
    "滚轮坏了可以换新",
    "水滚开后再放面条",
    "这款收纳箱带滚轮",
    "麻烦给我滚筒的型号",
    "废物利用小制作",
    "医疗废物不能寄递",
    "固体废物属于禁寄物品",
    "有没有病历需要一起寄",
    "您有病历号吗",
    "如果你有病假条请上传",
    "周围神经病变的药需要冷链",
    "神经病学教材两本",
    "傻瓜相机属于贵重物品，建议保价",
    "傻瓜式操作，一看就会",
    "不傻啊，这样算很划算",
    "白痴造句法这本书有货",
    "要不要脸盆一起寄",
    "您看要不要脸部护理套装",
    "去死皮的磨砂膏",
    "除去死角都能送到",
    "如果失去死库水的尺码信息",
    "生活该有的样子",
    "我们干活该快一点",
    "紧闭嘴唇就可以",
    "闭嘴贴一盒三十片",
    "他妈妈的电话打不通",
    "麻烦留一下他妈的手机号",
    "其他妈妈的评价也不错",
    "尼玛县属于偏远地区，需加收",
    "卓尼玛先生的快件",
    "土鳖虫是中药材",
    "羊杂碎汤需要冷冻",
    "不配送的地区会提示您",
    "您不配合拍照我们没法理赔",
    "有没文化用品专区",
    "文化衫三件",
    "石灰人渣过滤网",
    "叫花子鸡真空包装",
    "风骚货架",
    "您想问什么问题呢",
    "让您好看到实物再签收",
    "早点死心这条线路没有航班",
    "拣货员正在拣货",
    "纸张受潮可以申请理赔",
    "上海沙比较多的工地",
    "站点知站长电话吗",
    "宝宝爱放屁怎么办",
    "电扇你两台都要吗",
    "复杂种类请拆单",
    "上门打您电话没人接",
    "这个价格您可真会挑，很划算的",
    "您可真厉害，自己就修好了",
    "客户很生气，请优先处理",
    "非常抱歉给您带来不便",
    "没关系，这是我们应该做的",
    "草莓和妈妈的礼物一起发",
    "nc机床属于大货",
]


@pytest.mark.parametrize(("text", "term"), MUST_HIT)
def test_insults_are_found(text: str, term: str) -> None:
    assert term in {hit.term for hit in find(text)}


@pytest.mark.parametrize("text", MUST_NOT_HIT)
def test_harmless_sentences_are_left_alone(text: str) -> None:
    assert find(text) == []


def test_the_tables_are_large_enough() -> None:
    assert len(MUST_HIT) >= 60
    assert len(MUST_NOT_HIT) >= 60


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("客服说：傻 * 逼，走开", "傻 * 逼"),
        ("㍿腦殘!", "腦殘"),
        ("👍👍你ＳＢ吧", "ＳＢ"),
        ("\u202e您瞎啊\u202c", "您瞎啊"),
        ("e\u0301脑\u200b残", "脑\u200b残"),
    ],
)
def test_spans_point_into_the_original(text: str, written: str) -> None:
    (hit,) = find(text)
    assert text[hit.start : hit.end] == written


def test_overlapping_terms_give_the_longest() -> None:
    (hit,) = find("臭不要脸")
    assert hit.term == "臭不要脸"


def test_the_clause_condition() -> None:
    assert [hit.term for hit in find("好的。滚。")] == ["滚"]
    assert find("雪球越滚越大") == []


def test_hits_come_in_reading_order_with_kind_and_severity() -> None:
    hits = find("爱投诉投诉，傻逼，弄死你，tmd")
    assert [hit.kind for hit in hits] == ["sarcasm", "insult", "threat", "profanity"]
    assert [hit.severity for hit in hits] == ["mild", "severe", "severe", "severe"]
    assert [hit.start for hit in hits] == sorted(hit.start for hit in hits)


@pytest.mark.parametrize("text", ["", " ", "\n", "***", "🐶🐶", "\u202e\u202c", "שלום עולם", "مرحبا بالعالم", "\ud800", "\x00"])
def test_odd_input_finds_nothing(text: str) -> None:
    assert find(text) == []


def test_a_million_characters() -> None:
    text = "快件正在派送，" * 142_858 + "傻逼"
    (hit,) = find(text)
    assert hit.end == len(text) > 1_000_000


@pytest.mark.parametrize(
    "source",
    [
        "term: 一",
        "- 一",
        "- {term: 一, kind: rude, severity: mild}",
        "- {term: 一, kind: insult, severity: worst}",
        "- {term: '*', kind: insult, severity: mild}",
        "- {term: 一, kind: insult, severity: mild, colour: red}",
        "- {term: 一, kind: insult, severity: mild, where: start}",
        "- {term: 一, kind: insult, severity: mild, not_in: 一二}",
        "- {term: 一, kind: insult, severity: mild, not_in: ['一-']}",
        "- {term: 一, kind: insult, severity: mild}\n- {term: 一, kind: insult, severity: mild}",
    ],
)
def test_malformed_lists_are_refused(source: str) -> None:
    with pytest.raises(LexiconError):
        parse(source)


def test_every_shipped_term_finds_itself() -> None:
    for entry in load_lexicon().entries:
        assert lexicon.find(entry.written), entry.written


def test_no_shipped_exception_is_itself_a_hit_of_its_entry() -> None:
    for entry in load_lexicon().entries:
        for word in entry.not_in:
            assert entry.term not in {hit.term for hit in find(word)}, (entry.term, word)
