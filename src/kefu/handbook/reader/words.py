"""Labels of sections, fields and fixed values, and how single values are worded."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kefu.handbook.schema.vocabulary import EVENT_TITLES
from kefu.kernel.errors import Message

SECTION_TITLES: dict[str, Message] = {
    "texts": gettext_lazy("条文"),
    "roles": gettext_lazy("岗位设置"),
    "duties": gettext_lazy("岗位职责"),
    "departments": gettext_lazy("协作部门"),
    "scripts": gettext_lazy("话术"),
    "phrases": gettext_lazy("快捷语"),
    "notices": gettext_lazy("告知模板"),
    "lexicons": gettext_lazy("词表"),
    "guides": gettext_lazy("接待步骤"),
    "dispositions": gettext_lazy("接待结果"),
    "scorecards": gettext_lazy("评分表"),
    "penalties": gettext_lazy("处罚办法"),
    "kinds": gettext_lazy("工单类型"),
    "levels": gettext_lazy("工单级别"),
    "procedures": gettext_lazy("流程"),
    "scenarios": gettext_lazy("客诉场景"),
    "calendars": gettext_lazy("日历"),
    "clocks": gettext_lazy("时限规定"),
    "tiers": gettext_lazy("客户等级"),
    "kpis": gettext_lazy("指标"),
    "ledgers": gettext_lazy("台账"),
    "courses": gettext_lazy("课程"),
    "careers": gettext_lazy("职业发展"),
}

LABELS: dict[str, Message] = {
    "text": gettext_lazy("内容"),
    "answer_by": gettext_lazy("答复时限"),
    "text_en": gettext_lazy("英文内容"),
    "points": gettext_lazy("要点"),
    "values": gettext_lazy("数值"),
    "chapter": gettext_lazy("章节"),
    "note": gettext_lazy("说明"),
    "since": gettext_lazy("设定日期"),
    "acts_as": gettext_lazy("登录角色"),
    "about": gettext_lazy("简介"),
    "role": gettext_lazy("岗位"),
    "period": gettext_lazy("周期"),
    "proof": gettext_lazy("凭证"),
    "channels": gettext_lazy("渠道"),
    "within": gettext_lazy("出现位置"),
    "category": gettext_lazy("分类"),
    "use": gettext_lazy("用途"),
    "side": gettext_lazy("说话方"),
    "words": gettext_lazy("词语"),
    "any_of": gettext_lazy("说到其一即可"),
    "variable": gettext_lazy("应含"),
    "pattern": gettext_lazy("格式"),
    "required": gettext_lazy("必须"),
    "base_score": gettext_lazy("满分"),
    "pass_score": gettext_lazy("及格分"),
    "definition": gettext_lazy("定义"),
    "penalty": gettext_lazy("未执行处罚"),
    "fatal": gettext_lazy("致命项"),
    "weight": gettext_lazy("权重"),
    "positive": gettext_lazy("加分项"),
    "mode": gettext_lazy("判定方式"),
    "detector": gettext_lazy("检测方式"),
    "repeat_multiplier": gettext_lazy("重复加倍"),
    "repeat_window_days": gettext_lazy("重复计算天数"),
    "monthly_cap_points": gettext_lazy("每月扣分上限"),
    "monthly_cap_money": gettext_lazy("每月金额上限"),
    "appeal_days": gettext_lazy("申诉天数"),
    "review_days": gettext_lazy("复核天数"),
    "family": gettext_lazy("大类"),
    "rank": gettext_lazy("顺序"),
    "raise_when": gettext_lazy("自动升到此级的条件"),
    "kinds": gettext_lazy("适用工单"),
    "audience": gettext_lazy("对象"),
    "procedure": gettext_lazy("流程"),
    "say": gettext_lazy("怎么说"),
    "do": gettext_lazy("怎么做"),
    "stage": gettext_lazy("阶段"),
    "who": gettext_lazy("谁来做"),
    "instructions": gettext_lazy("做法"),
    "fields": gettext_lazy("填写"),
    "guards": gettext_lazy("前提"),
    "emits": gettext_lazy("产生事件"),
    "upon": gettext_lazy("何时告知"),
    "status": gettext_lazy("工单状态"),
    "next": gettext_lazy("下一步"),
    "target": gettext_lazy("目标"),
    "calendar": gettext_lazy("日历"),
    "kind": gettext_lazy("性质"),
    "starts_on": gettext_lazy("起算"),
    "meets_on": gettext_lazy("达成"),
    "warn_before": gettext_lazy("提前预警"),
    "pause": gettext_lazy("暂停"),
    "ladder": gettext_lazy("升级阶梯"),
    "applies": gettext_lazy("适用范围"),
    "week": gettext_lazy("每周时间"),
    "holidays": gettext_lazy("节假日"),
    "when": gettext_lazy("条件"),
    "priority": gettext_lazy("优先级"),
    "clocks": gettext_lazy("时限调整"),
    "perks": gettext_lazy("待遇"),
    "formula": gettext_lazy("公式"),
    "numerator": gettext_lazy("分子"),
    "denominator": gettext_lazy("分母"),
    "unit": gettext_lazy("单位"),
    "direction": gettext_lazy("方向"),
    "columns": gettext_lazy("栏目"),
    "form": gettext_lazy("形式"),
    "topics": gettext_lazy("内容"),
    "levels": gettext_lazy("级别"),
    "steps": gettext_lazy("步骤"),
    "moments": gettext_lazy("步骤"),
    "branches": gettext_lazy("客户要办的事"),
    "outcomes": gettext_lazy("结果"),
    "avoid": gettext_lazy("此刻不说"),
    "choose": gettext_lazy("在这一步选择事项"),
    "wrap_up": gettext_lazy("整理时间"),
}

VALUES: dict[str, Message] = {
    "call": gettext_lazy("电话"),
    "chat": gettext_lazy("聊天"),
    "email": gettext_lazy("邮件"),
    "form": gettext_lazy("表单"),
    "agent": gettext_lazy("客服"),
    "customer": gettext_lazy("客户方"),
    "both": gettext_lazy("双方"),
    "daily": gettext_lazy("每天"),
    "weekly": gettext_lazy("每周"),
    "monthly": gettext_lazy("每月"),
    "always": gettext_lazy("随时"),
    "auto": gettext_lazy("自动"),
    "review": gettext_lazy("自动提示，人工复核"),
    "manual": gettext_lazy("人工"),
    "company": gettext_lazy("公司规定"),
    "platform": gettext_lazy("平台规定"),
    "law": gettext_lazy("法规标准"),
    "enquiry": gettext_lazy("咨询查询"),
    "complaint": gettext_lazy("投诉"),
    "service": gettext_lazy("服务"),
    "internal": gettext_lazy("内部"),
    "online": gettext_lazy("线上"),
    "onsite": gettext_lazy("线下"),
    "drill": gettext_lazy("演练"),
    "up": gettext_lazy("越高越好"),
    "down": gettext_lazy("越低越好"),
    "percent": "%",
    "seconds": gettext_lazy("秒"),
    "minutes": gettext_lazy("分钟"),
    "hours": gettext_lazy("小时"),
    "count": gettext_lazy("个"),
    "money": gettext_lazy("元"),
    "per_million": gettext_lazy("百万分之"),
    "per_10000": gettext_lazy("万分之"),
    "per_100000": gettext_lazy("十万分之"),
    "cn": gettext_lazy("随国家节假日和调休"),
    "none": gettext_lazy("不受节假日影响"),
    "open": gettext_lazy("处理中"),
    "waiting_customer": gettext_lazy("等客户"),
    "waiting_other": gettext_lazy("等他方"),
    "solved": gettext_lazy("已解决"),
    "closed": gettext_lazy("已结案"),
    "outside": gettext_lazy("不登录"),
    "assignee": gettext_lazy("处理人"),
    "lead": gettext_lazy("组长"),
    "manager": gettext_lazy("经理"),
    "inspector": gettext_lazy("质检员"),
    "trainer": gettext_lazy("培训师"),
    "clerk": gettext_lazy("操作员"),
    "admin": gettext_lazy("管理员"),
    "hq": gettext_lazy("总部"),
}

_FIXED = {"channels", "side", "period", "mode", "kind", "family", "form", "direction", "unit", "holidays", "status", "acts_as", "notify"}


def english() -> bool:
    """Whether the reader reads English."""
    return (get_language() or "").startswith("en")


def duration_words(span: timedelta) -> str:
    """A time span in words: 2 小时, 7 天, 25 小时 30 分钟."""
    seconds = int(span.total_seconds())
    if seconds % 86400 == 0 and seconds > 2 * 86400:
        return _("%(n)s 天") % {"n": seconds // 86400}
    units = ((3600, "%(n)s 小时"), (60, "%(n)s 分钟"), (1, "%(n)s 秒"))
    parts = []
    for size, form in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(_(form) % {"n": count})
    return " ".join(parts) or "0"


def event_words(name: str) -> str:
    """Title of a clock event."""
    return str(EVENT_TITLES.get(name, name))


def value_words(field: str, value: Any) -> str:
    """A single value of a field."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, timedelta):
        return duration_words(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if field in _FIXED and str(value) in VALUES:
        return str(VALUES[str(value)])
    return str(value)


# Words made from templates above, listed so that the translation tool finds them.
_TEMPLATES = (gettext_lazy("%(n)s 小时"), gettext_lazy("%(n)s 分钟"), gettext_lazy("%(n)s 秒"))
