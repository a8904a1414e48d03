"""How fast written rules judge conversations: 100 rules, calls and chats of 30 utterances (QA2, QA10).

    python benchmarks/rules.py [--rules 100] [--conversations 1000] [--rounds 5] [--stored 4000]

First in memory on one core: from the lines of a conversation to the result of every rule, every operator among the rules. The peer is a
bare Aho-Corasick pass of the same words over the same text in the same run, which decides nothing. Then the whole way over stored
conversations (reading, decrypting, judging under two handbooks, writing rows) with one and with two worker processes that share one trial, in
the database of ``KEFU_DATABASE_URL`` (give it one of its own).
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

# The settings of the tests below have a home of their own; workers get the one that was given.
GIVEN = dict(os.environ)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.test_settings")

import django  # noqa: E402

django.setup()

from ahocorasick_rs import AhoCorasick  # noqa: E402
from inspection import LIMIT, UTTERANCES, conversation  # noqa: E402

from kefu.handbook import builtin, loader  # noqa: E402
from kefu.handbook.schema import Handbook, Scorecard  # noqa: E402
from kefu.quality.dialogue import Dialogue  # noqa: E402
from kefu.quality.inspector import compile_card  # noqa: E402

_COMMON = (
    "投诉 举报 差评 赔偿 退款 运费 破损 丢件 延误 派送 签收 驿站 快递员 单号 地址 电话 姓名 改派 自提 催件 转运 中转 揽收 面单 保价 到付 代收 理赔 "
    "抱歉 对不起 谢谢 感谢 稍等 核实 登记 联系 回电 确认 放心 马上 尽快 安排 处理 查询 反馈 记录 备注 理解 心情 验货 拍照 外包装 申请"
)

# Words of the trade that are rarely said: a rulebook is mostly about what does not happen.
_RARE = (
    "骗子 曝光 起诉 律师 消协 工商 媒体 记者 上级 领导 主管 罚款 扣钱 威胁 报警 欺骗 态度恶劣 踢皮球 推卸 没人管 不归我管 自己看着办 爱寄不寄 你听不懂 "
    "随便你 别打了 烦不烦 有病 闹什么 等着吧 不可能 做不到 没办法 不清楚 不知道 我怎么知道 找别人 去投诉 无所谓 挂了 保证 绝对 百分之百 一定赔 全额赔付 "
    "私下 红包 转账 微信 支付宝 现金 好评 删除差评 返现 佣金 身份证 银行卡 密码 验证码 住址 门牌 生日 年龄 冷链 生鲜 易碎 液体 电池 禁寄 危险品 违禁 "
    "海关 清关 税费 报关 国际 港澳台 转寄 退回 拒收 无人签收 他人代签 虚假签收 错分 滞留 超区 偏远 加价 附加费 计费 抛重 泡货 重量 体积 声明价值 理算 "
    "仲裁 申诉 复议 举证 录音 监控 截图 凭证 收据 发票 抬头 税号 对账 结算 充值 余额 冻结 解冻 会员 积分 优惠券 大客户 协议价 月结 合同 盖章 授权"
)

WORDS, RARE = _COMMON.split(), _RARE.split()


def rule(number: int, dice: random.Random, *, often: bool) -> dict[str, object]:
    """The ``number``-th rule: twelve forms in turn, with other words each time; ``often`` with words nearly every conversation has."""
    one, two, three, four = ([dice.choice(WORDS), *dice.sample(RARE, 2)] if often else dice.sample(RARE, 3) for _ in range(4))
    forms: tuple[dict[str, object], ...] = (
        {"when": {"words": one}},
        {"when": {"all": [{"words": one, "side": "customer"}, {"words": two}]}},
        {"let": {"a": {"words": one, "side": "customer"}, "b": {"words": two, "after": "a", "within_lines": 3}}, "when": "a && !b"},
        {"let": {"a": {"words": one}, "b": {"words": two}, "c": {"words": three}}, "when": "a && (b || c)"},
        {"when": {"pattern": rf"{one[0]}.{{0,8}}{two[0]}", "in": {"last": 10}}},
        {"when": {"similar": {"to": ["".join(one) + "".join(two)], "score": 0.6}}},
        {"when": {"words": {"list": four, "logic": "1&&(2||!3)"}}},
        {"when": {"silence": {"more_than": 5 + number % 9}}},
        {"when": {"sequence": [{"words": one}, {"words": two}, {"words": three}], "within_lines": 8}},
        {"when": {"all": [{"speed": {"over": 380 + number}}, {"words": one, "at_least": 2}]}},
        {"when": {"sounds": one}},
        {
            "require": {
                "flow": [
                    {"stage": "opening", "words": ["您好"]},
                    {"stage": "need", "words": [*one, *two]},
                    {"stage": "solution", "words": ["为您", "帮您", "安排"]},
                    {"stage": "closing", "words": ["再见", "感谢"]},
                ]
            }
        },
    )
    return {"kind": "rule", **forms[number % len(forms)]}


def handbook(rules: int, *, often: float = 0.25) -> Handbook:
    """``best`` with one card of so many rules, a share of them with common words."""
    book = loader.read(builtin.text("best") or "", bases=builtin.text).handbook
    assert book is not None
    dice = random.Random(7)
    items = [
        {
            "id": f"r{i}",
            "title": f"规则 {i}",
            "source": "B",
            "definition": "规则",
            "penalty": {"points": 1},
            "detector": rule(i, dice, often=dice.random() < often),
        }
        for i in range(rules)
    ]
    card = Scorecard.model_validate({"title": "规则", "source": "B", "groups": [{"id": "g", "title": "规则", "items": items}]})
    return book.model_copy(update={"scorecards": {"rules": card}})


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


def in_memory(rules: int, talks: Sequence[Dialogue], rounds: int) -> None:
    """The table of one core."""
    start = time.perf_counter()
    card = compile_card(handbook(rules), "rules")
    compiled = time.perf_counter() - start
    automaton = AhoCorasick(card.reader.terms)

    def bare(talk: Dialogue) -> object:
        return automaton.find_matches_as_indexes("\n".join(line.text for line in talk.lines), overlapping=True)

    found = [card.inspect(talk) for talk in talks]
    states = "".join(result.states for result in found)
    told = ", ".join(f"{name} {states.count(letter):,}" for letter, name in (("b", "hit"), ("p", "not"), ("r", "review"), ("n", "n/a")))
    print(f"{rules} rules, {len(card.reader.terms)} words, {len(card.reader.patterns)} patterns, compiled in {compiled * 1000:.0f} ms;")
    print(f"{len(talks)} conversations of {UTTERANCES} utterances; verdicts: {told}.")
    print(f"Processor time of one core, median of {rounds} rounds. Limit: {LIMIT} conversations/s for the rules.\n")
    print("| what | conversations/s | µs a rule | times the bare pass |")
    print("|---|---|---|---|")
    base = 0.0
    works: list[tuple[str, Callable[[Dialogue], object]]] = [
        ("bare Aho-Corasick pass, same words, same text", bare),
        ("reading only (plain text, words, patterns)", card.reader.read),
        (f"{rules} rules", card.inspect),
        (f"{rules} rules, all with common words", compile_card(handbook(rules, often=1.0), "rules").inspect),
    ]
    for name, work in works:
        took = seconds(work, talks, rounds)
        base = base or took
        print(f"| {name} | {len(talks) / took:,.0f} | {1e6 * took / len(talks) / rules:.1f} | {took / base:.1f} |")


def stored(count: int) -> None:
    """A draft tried over so many stored conversations, by one worker process and by two that share the trial."""
    if not GIVEN.get("KEFU_DATABASE_URL"):
        print("\nStored conversations: set KEFU_DATABASE_URL to a database of their own (PostgreSQL) to measure workers.")
        return
    work = {**GIVEN, "DJANGO_SETTINGS_MODULE": "kefu.config.settings", "OPENBLAS_NUM_THREADS": "1"}
    begin = [sys.executable, __file__, "--prepare", str(count)]
    print(f"\n{count} stored conversations, the whole card of best against a draft of it; wall time, rows and all.\n")
    print("The last column does not depend on what else the machine does: conversations a second of the workers' own processor time.\n")
    print("| worker processes | seconds | conversations/s | times one | a second of processor time |\n|---|---|---|---|---|")
    one = 0.0
    for workers in (1, 2):
        trial = subprocess.run(begin, env=work, check=True, capture_output=True, text=True).stdout.split()[-1]
        start = time.perf_counter()
        running = [
            subprocess.Popen([sys.executable, __file__, "--work", trial], env=work, stdout=subprocess.PIPE, text=True)
            for _ in range(workers)
        ]
        told = [process.communicate()[0].split() for process in running]
        assert all(process.returncode == 0 for process in running)
        took = time.perf_counter() - start
        own = sum(int(done) / float(spent) for done, spent in told if float(spent) > 0)
        one = one or took
        print(f"| {workers} | {took:.1f} | {count / took:,.0f} | {one / took:.2f} | {own:,.0f} |")


def prepare(count: int) -> None:
    """Store conversations where there are fewer, begin a trial, and print its number. In the database of ``KEFU_DATABASE_URL``."""
    from django.core.management import call_command
    from django.utils import timezone

    from kefu.bench import actions as bench
    from kefu.conversations import actions as conversations
    from kefu.conversations.drafts import ConversationDraft
    from kefu.handbook import actions as handbooks
    from kefu.kernel.actor import Actor
    from kefu.people import actions as people
    from kefu.people import queries as known

    call_command("migrate", verbosity=0)
    now, system, dice = timezone.now(), Actor.system("benchmark"), random.Random(3)
    site = known.site_by_code("BENCH")
    if site is None:
        handbooks.install_builtin(actor=system, now=now)
        site = people.create_site(actor=system, code="BENCH", name="试验站", kind="station", handbook="best", now=now, city="南京")
        talks = [conversation(dice) for _ in range(count)]
        for first in range(0, count, 500):
            drafts = [
                ConversationDraft("benchmark", f"b{first + n}", talk.channel, site.pk, now - timedelta(days=1), tuple(talk.lines))
                for n, talk in enumerate(talks[first : first + 500])
            ]
            conversations.store(actor=system, drafts=drafts, now=now)
    text = (builtin.text("best") or "").replace("min_hits: 2", "min_hits: 3")
    trial = bench.begin(actor=system, text=text, title="benchmark", since=now - timedelta(days=30), until=now, now=now)
    print(trial.pk)


def share(trial: int) -> None:
    """One worker's part of a trial."""
    from django.utils import timezone

    from kefu.bench import work
    from kefu.bench.models import Trial

    start = time.process_time()
    done = work.work_on(Trial.objects.get(pk=trial), now=timezone.now()) or 0
    print(done, time.process_time() - start)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=100)
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stored", type=int, default=0)
    parser.add_argument("--prepare", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.prepare:
        return prepare(given.prepare)
    if given.work:
        return share(given.work)
    dice = random.Random(20261122)
    in_memory(given.rules, [conversation(dice) for _ in range(given.conversations)], given.rounds)
    if given.stored:
        stored(given.stored)
    return None


if __name__ == "__main__":
    main()
