"""Whether a found word means what the list says: longer words, questions, quotations, negations, other speakers (QA2).

All functions work on plain text (您 is 你 there) and look at a bounded window, so a million hits cost a million windows and no more.
The expressions here are ours, each linear on its window; patterns written by users never reach Python's ``re``.
"""

import re
from typing import Protocol

from kefu.handbook.schema import Channel, Word
from kefu.quality.plain import ENDS, Plain, clause_bounds, sentence_after, sentence_before

_PEOPLE = (
    "客户|顾客|买家|卖家|商家|店家|对方|收件人|收货人|寄件人|发件人|快递员|派件员|派送员|配送员|业务员|师傅|司机"
    "|网点那边|站点那边|家人|家属|门卫|前台|朋友|他们|她们|他|她"
)
_SAYING = "要求|希望|说|讲|提到|提的|反映|反馈|表示|描述|告诉|认为|觉得|以为|回复|答复|留言|投诉|备注|指的|意思是"
_REPORTED = re.compile(rf"(?:(?<![跟和对给向同听])你|{_PEOPLE})(?:们)?[^我,;:、]{{0,5}}?(?:{_SAYING})(?!的|到的|过的)(?P<rest>.{{0,16}})$")
_TELLS = re.compile(rf"(?:(?<![跟和对给向同听])你|{_PEOPLE})(?:们)?[^我,;:、]{{0,4}}?(?:{_SAYING}|骂)")
_OTHER = re.compile(
    rf"(?:^|[^跟和对给向帮为])(?:你|大家|别人|{_PEOPLE})(?:们)?"
    r"(?:那边|那里|这边|自己|也|还|都|可能|现在|暂时|如果|要是|万一|若|要|目前|当时|之前|真的|实在|一直|肯定|应该|还是){0,3}$"
)
_KNOWING = ("不知", "不清楚", "不太清楚", "不了解", "不确定", "不明白", "不晓得", "没办法", "没法", "不懂", "不记得")
_FIRST_PERSON = re.compile(r"(?:我|我们|咱们|本人|这边|我这|客服)(?:也|真|还|真的|确实|现在|暂时|都|是|就|们|这边|这里|实在)*$")
_INTERROGATIVE = re.compile(r"什么|哪|怎么|几点|多少|是否|能否|可否|谁|何时|吗|呢\?|([\u4e00-\u9fff])[不没]\1|方便|\?")
_POLITE_AFTER = re.compile(
    r"(?:你|大家)?(?:这边|那边|那里|这里|现在|今天|明天|今晚|上午|下午|晚上|是|还|平时|什么时候|几点|哪天|哪个时间|何时){0,3}"
    r"(?:方便|方不方便|能不能|能否|可不可以|可否|是否|是不是|介意|介不介意|需不需要|需要|愿不愿意|愿意|有没有|还有|有什么|满意|有空|在家|在不在|在吗)"
)
_SUPPOSED = re.compile(r"(?:是不是|是否|会不会|有没有|哪里|哪些|什么地方|如果|要是|假如|万一|倘若|若是|即使|哪怕|就算)[^,;:、]{0,10}$")
_RUDE_AFTER = re.compile(r"你(?:到底)?(?:在)?(?:说什么|讲什么|说些什么|想怎|要干|要怎|什么意思|怎么想|想干|闹什么|吵什么|急什么|烦)")
_CUSTOMER_NOT_KNOWING = re.compile(r"(?:的(?:地方|话|问题|可以|事项|内容|您|你|请|随时|都可以|欢迎)|时(?:可|请|你))")
_UNCLEAR = re.compile(
    r"(?:图片|照片|面单|底单|地址|字迹|字|信息|声音|电话|信号|号码|单号|截图|视频|录音|写|拍|看|听|显示|打印|填)"
    r"(?:得|的|有点|比较|也|都|太|这边|这里|还是)*$"
)
_NEGATED = re.compile(
    r"(?:不是|并非|不会|没有|没|不要|别|不能|不该|不应该|不应|不可以|不至于|不存在|避免|防止|以免|免得|并不|绝不|从不|不许|禁止|不准|不想)"
    r"(?:让你|跟你|对你|和你|给你|再|去|就|随便|轻易|故意)?(?:说|讲|回答|回复|觉得|认为|出现|用)?(?:成|出|是|要|存心|有意)?$"
)
_OPENERS = {"“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "【": "】"}
_SINGLE = frozenset('"')
# A word that calls somebody only before these; before anything else it is a verb (喂狗, 喂奶, 喂药).
_CALLS = {"喂": frozenset("喂你先女小哪听在能请那这是有什怎哎嘿啊呀说话诶唉喔哦客老大阿美帅亲同")}


class FoundTerm(Protocol):
    """What is asked about: the plain word, the handbook's entry, words it may be part of."""

    @property
    def plain(self) -> str: ...
    @property
    def word(self) -> Word: ...
    @property
    def not_in(self) -> tuple[str, ...]: ...
    @property
    def latin(self) -> bool: ...


def stands(line: Plain, start: int, end: int, term: FoundTerm, channel: Channel) -> bool:
    """Whether the word at ``start:end`` counts on this channel and in this context."""
    text, word = line.text, term.word
    if word.channels and channel not in word.channels:
        return False
    if term.not_in and covered(text, start, end, term.not_in):
        return False
    if a_not_a(text, start) or (term.latin and breaks_latin(text, start, end)):
        return False
    if word.position != "any" and not placed(line, start, end, word.position):
        return False
    return not word.unless or not excused(line, start, end, word.unless)


def excused(line: Plain, start: int, end: int, unless: tuple[str, ...]) -> str:
    """Which of the named contexts excuses the word; empty when none does."""
    text = line.text
    if "question" in unless and (asked(text, start, end) or means_unclear(text, start, end)):
        return "question"
    if "quoting" in unless and (between_quotes(text, start, end) or reported(text, start) or of_others(text, start, end)):
        return "quoting"
    if "negated" in unless and negated(text, start):
        return "negated"
    return ""


def covered(text: str, start: int, end: int, words: tuple[str, ...]) -> bool:
    """Whether one of ``words`` lies over the span."""
    for word in words:
        low = max(0, end - len(word))
        if text.find(word, low, start + len(word)) >= 0:
            return True
    return False


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def breaks_latin(text: str, start: int, end: int) -> bool:
    """Whether the span cuts a Latin word (``sb`` inside ``usb``)."""
    if start and _latin(text[start]) and _latin(text[start - 1]):
        return True
    return end < len(text) and _latin(text[end - 1]) and _latin(text[end])


def a_not_a(text: str, start: int) -> bool:
    """Whether the span begins inside a question like 知不知道, 能不能, 有没有."""
    return 0 < start < len(text) - 1 and text[start] in "不没" and text[start - 1] == text[start + 1]


def placed(line: Plain, start: int, end: int, position: str) -> bool:
    """Whether the word opens its clause, or is the whole clause (interjections before, particles or its repetition are nothing)."""
    low, high = clause_bounds(line, start, end)
    text, word = line.text, line.text[start:end]
    before = text[low:start].strip("啊哎呀哦嗯那诶欸")
    if before and not placed_repeat(before, word):
        return False
    if position == "start":
        calls = _CALLS.get(word)
        return calls is None or end >= len(text) or text[end] in ENDS or text[end] in calls or line.gap(end)
    rest = text[end:high].strip("啊呀吧呢了哦嘛的诶")
    return not rest or placed_repeat(rest, word)


def placed_repeat(text: str, word: str) -> bool:
    """Whether the text is nothing but the word again."""
    return bool(word) and not text.replace(word, "")


def between_quotes(text: str, start: int, end: int) -> bool:
    """Whether the span stands between quotation marks of the same line."""
    low = max(0, start - 60)
    before = text[low:start]
    for opener, closer in _OPENERS.items():
        place = before.rfind(opener)
        if place >= 0 and closer not in before[place:] and closer in text[end : end + 60]:
            return True
    return any(before.count(mark) % 2 == 1 and mark in text[end : end + 60] for mark in _SINGLE)


def reported(text: str, start: int) -> bool:
    """Whether somebody else's words are told: 您说您不知道, 客户反映快递员说没办法."""
    before = sentence_before(text, start)
    found = _REPORTED.search(before)
    if found is None:
        return False
    return found.group("rest").rfind("我") <= 0


def tells_of_others(text: str) -> bool:
    """Whether a line tells what somebody else said or did: 您说快递员骂您."""
    return _TELLS.search(text) is not None


def of_others(text: str, start: int, end: int) -> bool:
    """Whether it is somebody else who does not know or cannot: 您不清楚的话, 快递员没办法联系到您."""
    if not text.startswith(_KNOWING, start):
        return False
    before = sentence_before(text, start, 16)
    return _OTHER.search(before) is not None or _CUSTOMER_NOT_KNOWING.match(text, end) is not None


def means_unclear(text: str, start: int, end: int) -> bool:
    """Whether 不清楚 speaks of a picture, a sound or a text."""
    return text.startswith("不清楚", start) and end - start == 3 and _UNCLEAR.search(text[max(0, start - 10) : start]) is not None


def asked(text: str, start: int, end: int) -> bool:
    """Whether the word softens a question to the customer, or is only supposed: 不知道您方便吗, 是不是不清楚, 如果做不到."""
    before = sentence_before(text, start, 14)
    if _SUPPOSED.search(before):
        return True
    after = sentence_after(text, end)
    if not after or _RUDE_AFTER.match(after):
        return False
    first_person = _FIRST_PERSON.search(sentence_before(text, start, 12)) is not None
    if _POLITE_AFTER.match(after):
        return not first_person or after.startswith("你")
    return not first_person and "你" in after and _INTERROGATIVE.search(after) is not None


def negated(text: str, start: int) -> bool:
    """Whether a negation stands directly before: 不是没办法, 不会不管, 不要说不知道."""
    low = max(0, start - 12)
    found = _NEGATED.search(text[low:start])
    return found is not None and not a_not_a(text, low + found.start())
