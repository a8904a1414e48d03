"""Chinese texts of cases: made of phrases, so that it is known which share of them holds which word."""

import random

COMMON = "外包装破损"
"""In a tenth of all cases."""
SECOND = "要求理赔"
"""In a fifth of those, and in a tenth of the others."""
RARE = "琉璃花瓶"
"""In one of 20,000 cases."""

_WHO = ("客户", "收件人", "寄件人", "平台商家", "收件人家属", "公司前台", "门卫", "驿站老板")
_WHAT = (
    "来电称快件超过时限仍未派送", "反映派件员未电话联系直接放驿站", "查询快件目前到达的位置", "反映派件员态度恶劣拒绝上门", "称签收底单不是本人签字",
    "反映内件短少一盒茶叶", "要求改派到公司地址", "称物流信息三天没有更新", "反映快递员多收到付款", "咨询生鲜件的保价规则",
    "反映易碎品被随意堆放", "称收到的货物与面单不符", "催促尽快安排二次派送", "要求退回寄件人", "反映取件超时无人上门",
)  # fmt: skip
_MORE = (
    "已核对运单号与收件地址", "系统显示昨晚到达网点", "派件员手机无法接通", "客户情绪激动要求今天答复", "已安抚客户并承诺两小时内回电", "需要网点核实签收情况",
    "中转场地监控待调取", "客户提供了三张照片", "货物价值约五百元未保价", "同小区还有两票未派", "客户称将向主管部门申诉", "已告知客户处理时限",
    "扫描记录停在发往下一站", "网点回复车辆晚点", "客户同意明天上午再派",
)  # fmt: skip
_DEMAND = ("希望尽快派送", "希望当面道歉", "希望退还运费", "希望查明原因", "希望专人跟进", "希望更换派件员", "希望书面回复")
_NOTE = (
    "已联系派件员核实", "网点负责人答复下午派送", "客户未接听稍后再拨", "已提交中转查询等待回复", "已向客户说明处理进度", "监控显示装车时包裹完好", "与客户协商一致",
    "已登记并转理赔专员", "派件员承认未提前联系", "次日上午回访客户",
)  # fmt: skip


class Texts:
    """Makes titles, descriptions and notes; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def title(self, number: int) -> str:
        """A title; every tenth holds ``COMMON``, every 20,000th ``RARE``."""
        pick = self._random.choice
        common = COMMON if number % 10 == 3 else pick(_WHAT)
        second = f"，{SECOND}" if self._random.random() < (0.2 if number % 10 == 3 else 0.1) else ""
        rare = f"，物品为{RARE}" if number % 20_000 == 77 else ""
        return f"{pick(_WHO)}{'反映' if common is COMMON else ''}{common}{second}{rare}"

    def description(self) -> str:
        """Three sentences."""
        pick = self._random.choice
        return f"{pick(_WHO)}{pick(_WHAT)}，{pick(_MORE)}，{pick(_MORE)}。{pick(_DEMAND)}，{pick(_MORE)}。"

    def note(self) -> str:
        """A sentence or two."""
        return f"{self._random.choice(_NOTE)}，{self._random.choice(_NOTE)}。"
