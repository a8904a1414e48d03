"""How files name sides and channels."""

from unicodedata import normalize

from django.utils.translation import gettext_lazy as _

from kefu.conversations.checks import REASONS as CHECK_REASONS
from kefu.conversations.lines import Side
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.errors import Message

REASONS: dict[str, Message] = {
    **CELL_REASONS,
    **CHECK_REASONS,
    "broken_json": _("这一行不是有效的 JSON。"),
    "bad_shape": _("字段缺失或类型不对："),
    "unknown_role": _("无法识别说话人角色："),
    "mixed_times": _("同一会话中有的句子有时间，有的没有，或时间写法不一致。"),
}

_SIDE_WORDS: tuple[tuple[Side, str], ...] = (
    ("agent", "agent a staff seat service 1 客服 坐席 座席 人工 人工客服 坐席员 客服人员 员工 商家 卖家 店小二"),
    ("customer", "customer c user caller client buyer 0 客户 顾客 用户 买家 来电人 访客 会员 消费者"),
    ("system", "system s bot robot ivr notice 系统 机器人 智能客服 自动回复 系统消息 通知"),
)
_CHANNEL_WORDS = (
    ("call", "call phone voice 电话 通话 语音 呼入 呼出 录音 热线"),
    ("chat", "chat im online wechat 聊天 在线 在线客服 网聊 旺旺 微信 会话"),
    ("email", "email mail 邮件 电子邮件 邮箱"),
    ("form", "form ticket 表单 留言 工单"),
)
_SIDES: dict[str, Side] = {word: side for side, words in _SIDE_WORDS for word in words.split()}
_CHANNELS: dict[str, str] = {word: channel for channel, words in _CHANNEL_WORDS for word in words.split()}


def _plain(word: str) -> str:
    return normalize("NFKC", word).strip().lower()


def side_of(word: str) -> Side | None:
    """The side a word stands for."""
    return _SIDES.get(_plain(word))


def channel_of(word: str) -> str:
    """The channel a word stands for; an unknown word is handed on, to be refused by name."""
    return _CHANNELS.get(_plain(word), _plain(word))
