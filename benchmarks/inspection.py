"""How fast conversations are inspected: one core, chats and calls of 30 utterances, the full card of ``best`` (QA2).

    python benchmarks/inspection.py [--conversations 1000] [--rounds 5]

Counts inspection proper: from the lines of a conversation to the result of every item, with sound-alikes and the insult model. The peer
is a bare Aho-Corasick pass of the same words over the same text, which decides nothing. Medians over rounds; the conversations are
made anew from a fixed seed and are all different.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.test_settings")

import django

django.setup()

from ahocorasick_rs import AhoCorasick  # noqa: E402

from kefu.handbook import builtin, loader  # noqa: E402
from kefu.handbook.schema import Handbook  # noqa: E402
from kefu.quality.dialogue import Dialogue, Line  # noqa: E402
from kefu.quality.inspector import Inspector, compile_card  # noqa: E402

UTTERANCES = 30
LIMIT = 500
SITES = ("南市分部", "城北网点", "江宁营业部", "鼓楼站")
PLACES = ("南京转运中心", "杭州分拨中心", "上海青浦", "广州白云", "成都双流", "武汉东西湖", "合肥肥东", "苏州园区")
GOODS = ("一箱水果", "两本书", "手机壳", "一件羽绒服", "宝宝奶粉", "空气炸锅", "文件", "茶叶", "一双运动鞋", "猫粮")
TIMES = ("今天下午", "明天上午", "后天", "昨天晚上", "这周五", "三天前", "刚才", "前天中午")
CUSTOMER = (
    "我的快递{n}到哪里了，{t}就说要到的",
    "我寄的{g}怎么还在{p}",
    "单号是{n}，帮我看一下",
    "能不能{t}送到，我急用这个{g}",
    "快递员没有给我打电话就放驿站了，我要投诉",
    "{g}外包装破了，里面有没有坏我也不知道",
    "好的，那麻烦你们快一点",
    "我{t}不在家，可以改{t}送吗",
    "我姓{s}，电话尾号{d}",
    "你们显示已签收，但是我根本没收到",
    "从{p}发出来要多久",
    "谢谢，那我再等等",
    "嗯嗯好的，知道了",
    "都{d}天了还没有更新，怎么回事啊",
)
AGENT = (
    "请您稍等，我马上为您查询单号{n}的物流信息",
    "您好，查到您的{g}{t}到达了{p}，正在安排派送",
    "非常抱歉给您带来不便，我这边马上帮您联系派件员核实",
    "请问您方便提供一下收件人姓名和手机尾号吗，尾号是{d}对吗",
    "您的件预计{t}送达，请您保持电话畅通",
    "已经为您登记改派，派件员会在{t}之前联系您",
    "{s}先生，您说的情况我记录下来了，会在两小时内给您回电",
    "这票件目前在{p}中转，运输时间大概需要{d}个小时",
    "理解您的心情，我帮您催促一下派送网点，有结果第一时间回复您",
    "如果外包装破损，麻烦您拍一下照片，我们为您提交理赔申请",
    "好的，我已经帮您备注了{t}派送，您看这样可以吗",
    "您这票是{g}，签收前可以先验货的",
    "亲，目前显示在{p}，明天会有更新的哦",
)
BREACHES = (
    "这个我不知道",
    "喂，哪位",
    "不归我管，你去找快递员",
    "你听不懂吗，我已经说过了",
    "你是不是傻啊",
    "没办法，只能等",
    "你姓什么",
    "一定赔给您",
)
FAMILIES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗"


def _filled(text: str, dice: random.Random) -> str:
    return text.format(
        n=f"YT{dice.randrange(10**12):012d}",
        t=dice.choice(TIMES),
        g=dice.choice(GOODS),
        p=dice.choice(PLACES),
        s=dice.choice(FAMILIES),
        d=dice.randrange(2, 99),
    )


def conversation(dice: random.Random) -> Dialogue:
    """One conversation of 30 utterances; one agent line in thirty breaks a rule."""
    site, no = dice.choice(SITES), f"{dice.randrange(1000, 9999)}"
    opening = f"您好，百世汇通{site}工号{no}，很高兴为您服务，请问有什么可以帮您？"
    texts = [opening]
    for turn in range(1, UTTERANCES - 1):
        said = CUSTOMER if turn % 2 else (BREACHES if dice.random() < 1 / 30 else AGENT)
        texts.append(_filled(dice.choice(said), dice))
    texts.append("请问还有什么可以帮到您，感谢您的来电，再见！" if dice.random() < 0.8 else "好的，那先这样")
    lines = [Line(i, "customer" if i % 2 and i < UTTERANCES - 1 else "agent", text, i * 6.0, i * 6.0 + 5) for i, text in enumerate(texts)]
    return Dialogue("call" if dice.random() < 0.5 else "chat", lines, site, no)


def without(book: Handbook, **params: object) -> Inspector:
    """The card with other parameters of the insult item."""
    card = book.scorecards["service"]
    groups = []
    for group in card.groups:
        items = []
        for item in group.items:
            if item.id == "insult" and item.detector is not None:
                data = {**item.detector.model_dump(), **params}
                items.append(item.model_copy(update={"detector": type(item.detector).model_validate(data)}))
            else:
                items.append(item)
        groups.append(group.model_copy(update={"items": tuple(items)}))
    changed = card.model_copy(update={"groups": tuple(groups)})
    return compile_card(book.model_copy(update={"scorecards": {"service": changed}}), "service")


def seconds(work: Callable[[Dialogue], object], talks: Sequence[Dialogue], rounds: int) -> float:
    """Median processor time of a round over all conversations."""
    for talk in talks[:50]:
        work(talk)
    took = []
    for _ in range(rounds):
        start = time.process_time()
        for talk in talks:
            work(talk)
        took.append(time.process_time() - start)
    return statistics.median(took)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    dice = random.Random(20261122)
    talks = [conversation(dice) for _ in range(given.conversations)]
    chars = sum(len(line.text) for talk in talks for line in talk.lines)
    book = loader.read(builtin.text("best") or "", bases=builtin.text).handbook
    assert book is not None
    start = time.perf_counter()
    full = compile_card(book, "service")
    compiled = time.perf_counter() - start
    automaton = AhoCorasick(full.reader.terms)

    def bare(talk: Dialogue) -> object:
        return automaton.find_matches_as_indexes("\n".join(line.text for line in talk.lines), overlapping=True)

    variants: list[tuple[str, Callable[[Dialogue], object]]] = [
        ("bare Aho-Corasick pass, same words, same text", bare),
        ("reading only (plain text, words, patterns)", full.reader.read),
        ("card without sound-alikes and model", without(book, homophones="off", model_review_at=None).inspect),
        ("card with sound-alikes, without model", without(book, model_review_at=None).inspect),
        ("full card of best: 19 items", full.inspect),
        ("same chats without times", lambda talk: full.inspect(replace(talk, channel="chat"))),
    ]
    found = [full.inspect(talk) for talk in talks]
    hits = sum(len(result.hits) for result in found)
    print(f"{len(talks)} conversations, {UTTERANCES} utterances, {chars / len(talks):.0f} characters each; {len(full.reader.terms)} words;")
    print(f"{hits} findings in {sum(bool(result.hits) for result in found)} conversations; card compiled in {compiled * 1000:.0f} ms.")
    print(f"Processor time of one core, median of {given.rounds} rounds. Limit: {LIMIT} conversations/s for the full card.\n")
    print("| what | conversations/s | ms each | MB/s of UTF-8 | times the bare pass |")
    print("|---|---|---|---|---|")
    size = sum(len(line.text.encode()) for talk in talks for line in talk.lines)
    base = 0.0
    for name, work in variants:
        took = seconds(work, talks, given.rounds)
        base = base or took
        rate = len(talks) / took
        print(f"| {name} | {rate:,.0f} | {1000 / rate:.2f} | {size / took / 1e6:.1f} | {took / base:.1f} |")


if __name__ == "__main__":
    main()
