"""Words for what the audit trail records."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kefu.console import times
from kefu.console.views.inspection_filters import address
from kefu.kernel.actor import Actor

ACTIONS: dict[str, str | Promise] = {
    "case.opened": _("新建工单"),
    "case.step": _("推进工单"),
    "case.note": _("写工单备注"),
    "case.field": _("修改工单资料"),
    "case.assigned": _("分派工单"),
    "case.clock": _("调整工单时限"),
    "case.level": _("改变工单级别"),
    "case.task": _("处理协作任务"),
    "case.attached": _("添加附件"),
    "case.reply": _("回复客户"),
    "case.said": _("登记客户来信"),
    "case.reopened": _("重新打开工单"),
    "case.merged": _("合并工单"),
    "case.unmerged": _("拆开合并的工单"),
    "case.linked": _("关联工单"),
    "case.urged": _("登记催单"),
    "clock.paused": _("暂停时限"),
    "clock.resumed": _("恢复时限"),
    "attachment.read": _("打开附件"),
    "conversation.stored": _("存入会话"),
    "conversation.disposed": _("登记会话结果"),
    "conversation.unmasked": _("查看会话明文"),
    "conversation.matched": _("会话归入接待"),
    "reception.started": _("开始接待"),
    "reception.identified": _("登记来电人"),
    "reception.tied": _("接待关联工单"),
    "reception.talk_ended": _("结束通话"),
    "reception.finished": _("完成接待"),
    "reception.unmasked": _("查看接待明文"),
    "batch.started": _("开始批量操作"),
    "batch.done": _("完成批量操作"),
    "batch.stopped": _("停止批量操作"),
    "batch.failed": _("批量操作失败"),
    "export.asked": _("申请导出"),
    "export.made": _("导出列表"),
    "export.fetched": _("下载导出文件"),
    "export.cancelled": _("删除导出文件"),
    "quality.inspected": _("质检"),
    "customer.created": _("新建客户"),
    "customer.updated": _("修改客户"),
    "customer.contact_added": _("添加客户联系方式"),
    "customer.tier_set": _("设定客户等级"),
    "customer.unmasked": _("查看客户明文"),
    "parcel.registered": _("登记快件"),
    "parcel.traced": _("更新快件轨迹"),
    "parcel.trace_refused": _("拒收快件轨迹"),
    "scan.recorded": _("扫描"),
    "handbook.draft_saved": _("保存手册草稿"),
    "handbook.discarded": _("删除手册草稿"),
    "handbook.offered": _("提供手册新版"),
    "handbook.put_in_force": _("手册生效"),
    "handbook.retired": _("手册失效"),
    "import.started": _("开始导入"),
    "import.finished": _("完成导入"),
    "import.refused_read": _("下载导入被拒行"),
    "site.created": _("新建站点"),
    "team.created": _("新建班组"),
    "staff.created": _("新增人员"),
    "staff.activated": _("启用人员"),
    "staff.deactivated": _("停用人员"),
    "staff.unlocked": _("解除登录锁定"),
    "sign_in.done": _("登录"),
    "sign_in.refused": _("登录被拒"),
    "session.ended": _("结束登录"),
    "password.changed": _("修改密码"),
    "password.reset": _("重置密码"),
    "totp.enabled": _("开启两步验证"),
    "totp.reset": _("解除两步验证"),
    "token.created": _("建立接口密钥"),
    "token.revoked": _("撤销接口密钥"),
    "backup.made": _("备份"),
    "backup.restored": _("恢复备份"),
    "keys.rotated": _("更换加密密钥"),
    "centre.founded": _("建立服务中心"),
    "finding.acknowledged": _("知悉质检发现"),
    "handover.acknowledged": _("知悉交接"),
    "handover.left": _("留下交接"),
    "handover.withdrawn": _("撤回交接"),
    "macro.changed": _("修改组合操作"),
    "macro.created": _("新建组合操作"),
    "macro.deleted": _("删除组合操作"),
    "macro.run": _("执行组合操作"),
    "phrase.changed": _("修改快捷语"),
    "phrase.created": _("新建快捷语"),
    "phrase.deleted": _("删除快捷语"),
    "staff.passwords_handed": _("交付初始密码"),
    "view.changed": _("修改保存的视图"),
    "view.created": _("保存新视图"),
    "view.deleted": _("删除保存的视图"),
}
# What the parts of an entry are called; values stay codes, so that an entry reads the same to everybody for ever.
FIELDS: dict[str, str | Promise] = {
    "action": _("操作"),
    "again": _("再次"),
    "attachment": _("附件号"),
    "awaiting": _("等待谁"),
    "case": pgettext_lazy("one", "工单"),
    "channel": _("渠道"),
    "clock": _("时限规定"),
    "code": _("编号"),
    "contact": _("联系方式"),
    "count": _("次数"),
    "digest": _("内容摘要"),
    "disposition": _("接待结果"),
    "escalation": _("升级留言"),
    "field": _("字段"),
    "fields": _("改动的字段"),
    "file_hash": _("文件摘要"),
    "findings": _("质检发现"),
    "first": _("第一条"),
    "from": pgettext_lazy("change", "从"),
    "handbook": _("手册"),
    "id": _("编号"),
    "inspected": _("已质检"),
    "key": _("密钥"),
    "kind": _("类型"),
    "last": _("最后一条"),
    "late": _("迟到"),
    "left": _("未处理"),
    "level": _("级别"),
    "made_at": _("备份时间"),
    "mentions": _("提到的人"),
    "name": _("名称"),
    "notify": _("通知"),
    "number": _("单号"),
    "passed": _("已放过"),
    "permissions": _("权限"),
    "phase": _("动作"),
    "portable": _("可移植"),
    "position": _("位置"),
    "present": _("已存在"),
    "previous": _("原来"),
    "problems": _("问题"),
    "read": _("读取"),
    "reason": _("原因"),
    "reception": _("接待"),
    "refused": _("拒绝"),
    "resumed": _("接着做"),
    "role": _("岗位"),
    "size": _("字节数"),
    "staff": _("人员"),
    "status": _("状态"),
    "step": _("步骤"),
    "stored": _("入库"),
    "subject": _("对象"),
    "task": _("任务号"),
    "tier": _("等级"),
    "title": _("标题"),
    "to": pgettext_lazy("change", "到"),
    "took": _("用时（秒）"),
    "totp_dropped": _("解除两步验证"),
    "undo_of": _("撤销的批次"),
    "undone": _("撤销数"),
    "until": _("直到"),
    "why": _("缘由"),
    "clear": _("含明文"),
    "did": _("做了什么事"),
    "filter": _("筛选条件"),
    "format": _("文件格式"),
    "parts": _("部分"),
    "rows": _("行数"),
    "scope": _("共用范围"),
    "source": _("数据来源"),
    "values": _("取值"),
}
SUBJECTS: dict[str, str | Promise] = {
    "case": pgettext_lazy("one", "工单"),
    "conversation": pgettext_lazy("one", "会话"),
    "customer": _("客户"),
    "parcel": pgettext_lazy("one", "快件"),
    "handbook": _("手册"),
    "staff": _("人员"),
    "site": _("站点"),
    "team": _("班组"),
    "token": _("接口密钥"),
    "import_run": _("导入"),
    "attachment": _("附件"),
    "clock": _("时限"),
    "session": _("登录"),
    "scan": _("扫描"),
    "reception": _("接待"),
    "batch": _("批量操作"),
    "export": _("导出文件"),
    "backup": _("备份"),
    "key": _("加密密钥"),
    "finding": _("质检发现项"),
    "handover": _("交接"),
    "macro": _("组合操作"),
    "phrase": _("快捷用语"),
    "view": _("保存的视图"),
}
ACTORS: dict[str, str | Promise] = {
    "staff": _("人员"),
    "system": _("系统"),
    "integration": _("接口"),
    "customer": _("客户"),
}
# What somebody who checks looks at first: reads of personal data, refusals, changes of rights.
_TONES = {"unmasked": "warn", "refused": "bad", "deactivated": "warn", "reset": "warn", "revoked": "warn", "refused_read": "warn"}
BREAKS: dict[str, str | Promise] = {
    "missing": _("缺少记录"),
    "changed": _("内容被改动"),
    "head_differs": _("与数据库外保存的链头不符"),
    "cut_off": _("末尾被截去"),
}


def action(code: str) -> str:
    """What was done."""
    return str(ACTIONS.get(code, code))


def tone(code: str) -> str:
    """How it is drawn."""
    return _TONES.get(code.rpartition(".")[2], "quiet")


def subject(kind: str) -> str:
    """What it was done to."""
    return str(SUBJECTS.get(kind, kind))


def subject_address(kind: str, subject_id: int, reader: Actor) -> str:
    """Where the thing is seen; empty when it has no page."""
    known: Mapping[str, tuple[str, str]] = {
        "case": ("case", "case_id"),
        "conversation": ("conversation", "conversation_id"),
        "customer": ("customer", "customer_id"),
        "staff": ("person", "staff_id"),
    }
    if kind not in known or subject_id <= 0:
        return ""
    name, argument = known[kind]
    return address(name, reader, None, **{argument: subject_id})


def data(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Parts of an entry: what each is called, and its value in one line."""
    return [(str(FIELDS.get(name, name)), _plain(value)) for name, value in values.items()]


def _plain(value: Any) -> str:
    if value is None or value == "":
        return times.NOTHING
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one) for one in value[:20]) + ("…" if len(value) > 20 else "")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(one)}" for name, one in list(value.items())[:20])
    return str(value)[:300]
