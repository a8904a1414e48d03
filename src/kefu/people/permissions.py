"""What can be permitted, and which role holds what (SEC2). One table; screens and API name these codes."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Things somebody may be allowed to do."""

    CASE_VIEW = "case.view"
    CASE_OPEN = "case.open"
    CASE_WORK = "case.work"
    CASE_ASSIGN = "case.assign"
    CASE_MERGE = "case.merge"
    CASE_ESCALATE = "case.escalate"
    CLOCK_PAUSE = "clock.pause"
    TASK_ANSWER = "task.answer"
    DESK_TEAM = "desk.team"
    DESK_ALL = "desk.all"
    CONVERSATION_VIEW = "conversation.view"
    CONVERSATION_IMPORT = "conversation.import"
    RECORDING_LISTEN = "recording.listen"
    RECORDING_MANAGE = "recording.manage"
    QUALITY_OWN = "quality.own"
    QUALITY_VIEW = "quality.view"
    QUALITY_INSPECT = "quality.inspect"
    QUALITY_REVIEW = "quality.review"
    BENCH_VIEW = "bench.view"
    BENCH_LABEL = "bench.label"
    REVIEW_PLAN = "review.plan"
    REVIEW_WORK = "review.work"
    DISPUTE_FILE = "dispute.file"
    DISPUTE_COMMENT = "dispute.comment"
    DISPUTE_DECIDE = "dispute.decide"
    DISPUTE_FINAL = "dispute.final"
    CALIBRATION_LEAD = "calibration.lead"
    PENALTY_VIEW = "penalty.view"
    PENALTY_MANAGE = "penalty.manage"
    PENALTY_LOCK = "penalty.lock"
    COACHING_WRITE = "coaching.write"
    CLIPS_PUBLISH = "clips.publish"
    WATCH_ALARM = "watch.alarm"
    PARCEL_VIEW = "parcel.view"
    PARCEL_SCAN = "parcel.scan"
    WAYBILL_ENTER = "waybill.enter"
    SIGN_UNDO = "sign.undo"
    MONITOR_VIEW = "monitor.view"
    MONITOR_WORK = "monitor.work"
    FEE_VIEW = "fee.view"
    FEE_SETTLE = "fee.settle"
    RECEIPT_VIEW = "receipt.view"
    RECEIPT_WORK = "receipt.work"
    PROBLEM_VIEW = "problem.view"
    PROBLEM_WORK = "problem.work"
    PICKUP_VIEW = "pickup.view"
    PICKUP_WORK = "pickup.work"
    PICKUP_ASSIGN = "pickup.assign"
    ORDER_VIEW = "order.view"
    ORDER_WORK = "order.work"
    SHOP_EDIT = "shop.edit"
    FORWARD_VIEW = "forward.view"
    FORWARD_REQUEST = "forward.request"
    FORWARD_APPROVE = "forward.approve"
    ARBITRATION_VIEW = "arbitration.view"
    ARBITRATION_FILE = "arbitration.file"
    ARBITRATION_DECIDE = "arbitration.decide"
    ARBITRATION_DIVIDE = "arbitration.divide"
    CLAIM_VIEW = "claim.view"
    CLAIM_WORK = "claim.work"
    CLAIM_APPROVE = "claim.approve"
    CLAIM_PAY = "claim.pay"
    AREA_EDIT = "area.edit"
    CARRIER_EDIT = "carrier.edit"
    CUSTOMER_VIEW = "customer.view"
    CUSTOMER_EDIT = "customer.edit"
    PERSONAL_UNMASK = "personal.unmask"
    NOTICE_VIEW = "notice.view"
    NOTICE_WORK = "notice.work"
    REGULATOR_VIEW = "regulator.view"
    REGULATOR_WORK = "regulator.work"
    REGULATOR_APPROVE = "regulator.approve"
    HANDBOOK_VIEW = "handbook.view"
    HANDBOOK_EDIT = "handbook.edit"
    HANDBOOK_FORCE = "handbook.force"
    PEOPLE_VIEW = "people.view"
    PEOPLE_EDIT = "people.edit"
    PERFORMANCE_VIEW = "performance.view"
    EXPORT = "export"
    AUDIT_VIEW = "audit.view"
    TOKEN_EDIT = "token.edit"  # noqa: S105
    STYLE_VIEW = "style.view"


PERMISSION_TITLES: dict[Permission, Promise] = {
    Permission.CASE_VIEW: _("查看工单"),
    Permission.CASE_OPEN: _("新建工单"),
    Permission.CASE_WORK: _("处理工单"),
    Permission.CASE_ASSIGN: _("分派工单"),
    Permission.CASE_MERGE: _("合并工单"),
    Permission.CASE_ESCALATE: _("升级工单"),
    Permission.CLOCK_PAUSE: _("暂停时限"),
    Permission.TASK_ANSWER: _("答复部门协作"),
    Permission.CONVERSATION_VIEW: _("查看会话"),
    Permission.CONVERSATION_IMPORT: _("导入会话"),
    Permission.RECORDING_LISTEN: _("回听录音"),
    Permission.RECORDING_MANAGE: _("管理和下载录音"),
    Permission.QUALITY_OWN: _("查看自己的质检"),
    Permission.QUALITY_VIEW: _("查看他人的质检"),
    Permission.QUALITY_INSPECT: _("质检工单和会话"),
    Permission.QUALITY_REVIEW: _("复核质检发现"),
    Permission.BENCH_VIEW: _("查看规则试验台"),
    Permission.BENCH_LABEL: _("标注会话"),
    Permission.REVIEW_PLAN: _("管理抽检计划和分派"),
    Permission.REVIEW_WORK: _("人工评分"),
    Permission.DISPUTE_FILE: _("提出质检申诉"),
    Permission.DISPUTE_COMMENT: _("为质检申诉写组长意见"),
    Permission.DISPUTE_DECIDE: _("复核质检申诉"),
    Permission.DISPUTE_FINAL: _("终审质检申诉"),
    Permission.CALIBRATION_LEAD: _("主持评分校准"),
    Permission.PENALTY_VIEW: _("查看他人的处罚"),
    Permission.PENALTY_MANAGE: _("免除处罚和答复异议"),
    Permission.PENALTY_LOCK: _("锁定处罚月份"),
    Permission.COACHING_WRITE: _("辅导客服"),
    Permission.CLIPS_PUBLISH: _("发布优秀话术片段"),
    Permission.WATCH_ALARM: _("接收情绪预警"),
    Permission.PARCEL_VIEW: _("查看快件"),
    Permission.PARCEL_SCAN: _("录入扫描"),
    Permission.WAYBILL_ENTER: _("录入运单"),
    Permission.SIGN_UNDO: _("撤销签收"),
    Permission.MONITOR_VIEW: _("查看对比监控"),
    Permission.MONITOR_WORK: _("处理对比差异"),
    Permission.FEE_VIEW: _("查看派费"),
    Permission.FEE_SETTLE: _("管理费率和结算"),
    Permission.RECEIPT_VIEW: _("查看回单"),
    Permission.RECEIPT_WORK: _("登记回单"),
    Permission.PROBLEM_VIEW: _("查看问题件"),
    Permission.PROBLEM_WORK: _("录入和回复问题件"),
    Permission.PICKUP_VIEW: _("查看电商订单"),
    Permission.PICKUP_WORK: _("处理电商订单"),
    Permission.PICKUP_ASSIGN: _("分派电商订单"),
    Permission.ORDER_VIEW: _("查看网店订单"),
    Permission.ORDER_WORK: _("处理网店订单"),
    Permission.SHOP_EDIT: _("管理店铺和商品知识"),
    Permission.FORWARD_VIEW: _("查看超区转件"),
    Permission.FORWARD_REQUEST: _("申请超区转件"),
    Permission.FORWARD_APPROVE: _("审核超区转件"),
    Permission.ARBITRATION_VIEW: _("查看仲裁"),
    Permission.ARBITRATION_FILE: _("申报仲裁和举证"),
    Permission.ARBITRATION_DECIDE: _("受理和裁决仲裁"),
    Permission.ARBITRATION_DIVIDE: _("管理仲裁分工和锁账"),
    Permission.CLAIM_VIEW: _("查看理赔"),
    Permission.CLAIM_WORK: _("提出和处理理赔"),
    Permission.CLAIM_APPROVE: _("审批理赔"),
    Permission.CLAIM_PAY: _("支付赔款"),
    Permission.AREA_EDIT: _("管理派送范围"),
    Permission.CARRIER_EDIT: _("管理快递公司接口"),
    Permission.CUSTOMER_VIEW: _("查看客户"),
    Permission.CUSTOMER_EDIT: _("修改客户"),
    Permission.PERSONAL_UNMASK: _("查看未掩码的个人信息"),
    Permission.NOTICE_VIEW: _("查看客户告知"),
    Permission.NOTICE_WORK: _("处理客户告知"),
    Permission.REGULATOR_VIEW: _("查看邮政申诉"),
    Permission.REGULATOR_WORK: _("处理邮政申诉"),
    Permission.REGULATOR_APPROVE: _("审批邮政申诉的答复和销毁档案"),
    Permission.HANDBOOK_VIEW: _("查看手册"),
    Permission.HANDBOOK_EDIT: _("编辑手册草稿"),
    Permission.HANDBOOK_FORCE: _("使手册生效"),
    Permission.PEOPLE_VIEW: _("查看人员"),
    Permission.PEOPLE_EDIT: _("管理人员和站点"),
    Permission.PERFORMANCE_VIEW: _("查看看板"),
    Permission.EXPORT: _("导出数据"),
    Permission.AUDIT_VIEW: _("查看操作日志"),
    Permission.TOKEN_EDIT: _("管理接口密钥"),
    Permission.STYLE_VIEW: _("查看界面样例"),
    Permission.DESK_TEAM: _("管理班组共用的视图和快捷语"),
    Permission.DESK_ALL: _("管理全部站点共用的视图和快捷语"),
}
"""Every permission in words, for refusals and for whoever gives them."""


class Role(StrEnum):
    """Posts of a centre. A person holds one."""

    AGENT = "agent"
    LEAD = "lead"
    INSPECTOR = "inspector"
    TRAINER = "trainer"
    CLERK = "clerk"
    MANAGER = "manager"
    ADMIN = "admin"
    CUSTOMER = "customer"


ROLE_TITLES: dict[Role, Promise] = {
    Role.AGENT: _("客服"),
    Role.LEAD: _("客服组长"),
    Role.INSPECTOR: _("质检员"),
    Role.TRAINER: _("培训师"),
    Role.CLERK: _("操作员"),
    Role.MANAGER: _("经理"),
    Role.ADMIN: _("管理员"),
    Role.CUSTOMER: _("客户"),
}

_P = Permission
_EVERYONE = {_P.HANDBOOK_VIEW, _P.PARCEL_VIEW, _P.TASK_ANSWER}
# What anybody who answers customers of a station looks up, and reports.
_STATION = {_P.MONITOR_VIEW, _P.RECEIPT_VIEW, _P.PROBLEM_VIEW, _P.PROBLEM_WORK, _P.PICKUP_VIEW, _P.FORWARD_VIEW, _P.FORWARD_REQUEST}
_STATION_WORK = _STATION | {
    _P.PARCEL_SCAN, _P.WAYBILL_ENTER, _P.MONITOR_WORK, _P.FEE_VIEW, _P.RECEIPT_WORK, _P.PICKUP_WORK,
}  # fmt: skip
_STATION_LEAD = _STATION_WORK | {_P.SIGN_UNDO, _P.PICKUP_ASSIGN, _P.FORWARD_APPROVE}
_AGENT = _EVERYONE | _STATION | {
    _P.ARBITRATION_VIEW, _P.ARBITRATION_FILE,
    _P.ORDER_VIEW, _P.ORDER_WORK,
    _P.CASE_VIEW, _P.CASE_OPEN, _P.CASE_WORK, _P.CONVERSATION_VIEW, _P.QUALITY_OWN, _P.CUSTOMER_VIEW, _P.CUSTOMER_EDIT, _P.PERSONAL_UNMASK,
    _P.CLAIM_VIEW, _P.CLAIM_WORK, _P.NOTICE_VIEW, _P.NOTICE_WORK, _P.DISPUTE_FILE,
    _P.RECORDING_LISTEN,
}  # fmt: skip
_LEAD = _AGENT | _STATION_LEAD | {
    _P.CASE_ASSIGN, _P.CASE_MERGE, _P.CASE_ESCALATE, _P.CLOCK_PAUSE, _P.QUALITY_VIEW, _P.PEOPLE_VIEW, _P.PERFORMANCE_VIEW,
    _P.EXPORT, _P.DESK_TEAM, _P.SHOP_EDIT, _P.CLAIM_APPROVE, _P.REGULATOR_VIEW, _P.REGULATOR_WORK,
    _P.DISPUTE_COMMENT, _P.PENALTY_VIEW, _P.COACHING_WRITE, _P.WATCH_ALARM,
}  # fmt: skip
_INSPECTOR = _EVERYONE | {
    _P.CASE_VIEW, _P.CONVERSATION_VIEW, _P.CONVERSATION_IMPORT, _P.QUALITY_OWN, _P.QUALITY_VIEW, _P.QUALITY_INSPECT, _P.QUALITY_REVIEW,
    _P.PEOPLE_VIEW, _P.PERFORMANCE_VIEW, _P.EXPORT, _P.CLAIM_VIEW,
    _P.BENCH_VIEW, _P.BENCH_LABEL, _P.RECORDING_LISTEN, _P.RECORDING_MANAGE, _P.REVIEW_WORK, _P.DISPUTE_DECIDE, _P.DISPUTE_FINAL,
    _P.PENALTY_VIEW,
}  # fmt: skip
_TRAINER = _EVERYONE | {
    _P.CONVERSATION_VIEW, _P.RECORDING_LISTEN, _P.BENCH_VIEW,
    _P.QUALITY_OWN, _P.QUALITY_VIEW, _P.PEOPLE_VIEW, _P.PERFORMANCE_VIEW, _P.COACHING_WRITE, _P.CLIPS_PUBLISH,
}  # fmt: skip
_CLERK = _EVERYONE | _STATION_WORK | {_P.CASE_VIEW, _P.CASE_OPEN, _P.CASE_WORK}
_MANAGER = _LEAD | _INSPECTOR | {
    _P.ARBITRATION_DECIDE, _P.ARBITRATION_DIVIDE,
    _P.DESK_ALL, _P.HANDBOOK_EDIT, _P.HANDBOOK_FORCE, _P.PEOPLE_EDIT, _P.AUDIT_VIEW, _P.FEE_SETTLE, _P.AREA_EDIT,
    _P.CLAIM_PAY, _P.REGULATOR_APPROVE, _P.REVIEW_PLAN, _P.CALIBRATION_LEAD,
    _P.PENALTY_MANAGE, _P.PENALTY_LOCK, _P.CLIPS_PUBLISH,
}  # fmt: skip

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset(_AGENT),
    Role.LEAD: frozenset(_LEAD),
    Role.INSPECTOR: frozenset(_INSPECTOR),
    Role.TRAINER: frozenset(_TRAINER),
    Role.CLERK: frozenset(_CLERK),
    Role.MANAGER: frozenset(_MANAGER),
    Role.ADMIN: frozenset(Permission),
    Role.CUSTOMER: frozenset(),
}

# Roles that reach the whole tree below their site; the others reach their own site only.
SUBTREE_ROLES = frozenset({Role.LEAD, Role.INSPECTOR, Role.TRAINER, Role.MANAGER})
# Roles that reach every site.
CENTRE_ROLES = frozenset({Role.ADMIN})
