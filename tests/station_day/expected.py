"""The tables of the day, written out: what anybody who worked it must find at 21:50."""

from typing import Any

EXPECTED: dict[str, Any] = {
    "parcels": {
        **dict.fromkeys(("01", "02", "04", "05"), "signed"),
        "03": "part_signed",  # two pieces of three
        "06": "problem",  # the address is known now; it goes out tomorrow
        "07": "returning",
        "08": "arrived",  # 有到未派
        "09": "in_transit",
        "10": "in_transit",
        "11": "signed",  # under 14, in the north
        "12": "in_transit",  # 错发: not where it is to be delivered
        "13": "in_transit",  # collected here today
    },
    "links": ["forward 11→14"],
    "scans": {
        "21日16:00 CB01 collect": "01 02 03 04 05 06 07 08 09 10",
        "21日18:00 CB01 send": "01 02 03 04 05 06 07 08 09 10",
        "21日20:00 NJHUB arrive": "01 02 03 04 05 06 07 08 09 10 12",
        "21日21:30 NJHUB bag": "02 03 04",
        "21日22:00 NJHUB send": "01 02 03 04 05 06 07 08 09 10 JB2026112101",
        "21日22:10 NJHUB send": "12",
        "07:10 NS01 arrive": "01 02 03 04 05 06 07 08 11 12 JB2026112101",
        "08:30 NS01 deliver 赵强": "01 02 03 04 05 06 07",
        "09:50 NS01 transfer": "11",
        "10:05 NS01 sign 赵强": "01",
        "10:15 NS01 problem": "06",
        "10:20 NS01 agent_sign 赵强": "02",
        "10:30 NS01 collect 赵强": "13",
        "10:40 NS01 sign 赵强": "03",
        "11:00 NS01 sign 赵强": "04",
        "11:10 NS01 refuse": "07",
        "11:15 NS01 sign 赵强": "05",
        "11:25 NS01 return": "07",
        "12:00 CB01 arrive": "14",
        "13:00 CB01 deliver": "14",
        "14:40 CB01 sign": "14",
        "18:00 NS01 send": "13",
    },
    "sign_offs": {
        "01": ("10:05", "self", "normal", "", "", "", "0.00"),
        "02": ("10:20", "neighbour", "normal", "楼下刘阿姨", "phone", "", "0.00"),
        "03": ("10:40", "self", "partial", "", "", "2", "0.00"),
        "04": ("11:00", "self", "normal", "", "", "", "128.00"),
        "05": ("11:15", "self", "normal", "", "", "", "0.00"),
    },
    "problems": {
        "06": ("pr211", "NS01→CB01", "done", "corrected", "CB01:reply NS01:closed"),
        "09": ("pr110", "NS01→NJHUB", "open", "", ""),
        "10": ("pr110", "NS01→NJHUB", "open", "", ""),
    },
    "receipts": {"05": ("7", "closed", "1@14:00 2@16:00/HD75010001 3@19:00 4@19:30/HD75010001 7@20:30")},
    # Weight, base, heavy, total with the receipt's 1.50 and less 0.05 for scanning; what the network says; state.
    "fees": {
        "01": ("1.2", "1.20", "0.00", "1.15", "1.25", "open"),
        "02": ("2.1", "1.20", "0.00", "1.15", "", "open"),
        # 03 earns its fee when the third piece is signed for.
        "04": ("0.4", "1.20", "0.00", "1.15", "", "open"),
        "05": ("8.46", "1.20", "1.65", "4.30", "4.10", "open"),  # (8.46 − 3) up to 5.5 kg × 0.30
    },
    "forwards": {"11": ("site", "CB01", "14", "signed", "6.00", "own", "14:40")},
    "orders": {"TB20261122001": ("collected", "赵强", "13")},
    "cases": {"09": "loss", "10": "loss"},
    # Every difference with what came of it; the sets not named are empty.
    "differences": {
        "not_arrived": {"09": ("", "", "urged", "problem"), "10": ("", "", "urged", "problem")},
        "unsent_arrival": {"11": ("other", "分拨漏扫发件，已告知"), "12": ("other", "分拨漏扫发件，已告知")},
        "undelivered": {"08": ("found", "在库，明早第一班"), "12": ("found", "在库，明早第一班")},
        "unsigned": {"03": ("on_way", "三件签了两件，少的一件在查")},
        "misrouted": {"12": ("forwarded", "早班车带去城北")},
        "previous_unsent": {"11": ("resent", "分拨补发件")},
    },
}
