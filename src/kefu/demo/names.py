"""People, streets, goods: everything invented. Telephone numbers begin with 154, 142 or 143, which no carrier has been given."""

import random
from dataclasses import dataclass

_SURNAMES = (
    "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎"
    " 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 江 史 顾 侯 邵 孟 龙 万 段 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文 欧阳 司马 上官"
).split()
_FEMALE = "芳 娜 敏 静 丽 艳 娟 霞 秀英 桂英 玉兰 婷婷 雪梅 晓燕 佳怡 梦琪 雨欣 思颖 欣怡 慧敏 晓琳 淑华 美玲 春梅 丹丹 倩 颖 洁 莉 月 文静 若曦 一诺 诗涵 可馨".split()
_MALE = "伟 强 磊 军 勇 杰 涛 明 超 刚 平 辉 鹏 建国 志强 建华 文斌 海涛 俊杰 浩然 子轩 宇航 晨 阳 鑫 波 斌 凯 健 峰 国栋 永强 家豪 一鸣 天佑".split()
_STREETS = (
    "中山南路 雨花西路 软件大道 集庆门大街 莫愁湖东路 应天大街 江东中路 汉中门大街 长虹路 大明路 卡子门大街 龙蟠中路 建宁路 中央北路 燕江路 和燕路 幕府东路"
    " 晓庄路 迈皋桥街 万寿路 栖霞大道 尧化门街 学则路 文苑路 仙林大道 胜太路 双龙大道 将军大道 天元中路 竹山路"
).split()
_ESTATES = "阳光花园 翠屏山庄 金陵世家 融侨中央花园 锦绣家园 书香名苑 天润城 明发滨江 御水湾 雅居乐花园 南湖新村 凤凰和美 龙凤花园 恒盛嘉园 丁家庄保障房 燕歌园 万科光明城市 仁恒绿洲".split()
GOODS = (
    "运动鞋 羽绒服 手机壳 蓝牙耳机 电饭煲 保温杯 儿童绘本 化妆品套装 面膜 奶粉 阳澄湖大闸蟹 云南鲜花饼 茶叶 红酒 玻璃花瓶 陶瓷餐具 笔记本电脑 键盘 台灯 行车记录仪"
    " 空气炸锅 毛衣 牛仔裤 书籍 考试资料 合同文件 身份证件 药品 猫粮 婴儿推车配件 鱼缸 水果礼盒 腊肠 瑜伽垫 拉杆箱"
).split()
FRAGILE = "玻璃花瓶 陶瓷餐具 红酒 台灯 鱼缸 笔记本电脑 化妆品套装".split()
SHOP_GOODS = "颈椎按摩器 腰部按摩靠垫 足疗机 眼部按摩仪 筋膜枪 按摩披肩 腿部按摩器 按摩椅垫 头部按摩仪 艾灸腰带".split()
FAR_PLACES = (
    "杭州萧山 义乌 上海青浦 广州白云 深圳宝安 东莞虎门 佛山南海 泉州晋江 郑州 武汉东西湖 长沙 成都双流 重庆 北京大兴 天津武清 石家庄 济南 青岛 临沂 苏州 无锡 常州 合肥 温州 金华"
    " 宁波 嘉兴 南通 徐州 西安 沈阳 哈尔滨 昆明 贵阳 南昌"
).split()
COURIERS = "王师傅 陈师傅 小赵 老周 小孙 吴师傅 小马 朱师傅 小何 徐师傅".split()
_SEGMENTS = ("154", "142", "143")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who sends or receives. ``title`` is how agents address them."""

    name: str
    title: str
    phone: str
    address: str

    @property
    def tail(self) -> str:
        """Last four digits of the number."""
        return self.phone[-4:]


def phone(dice: random.Random) -> str:
    """A mobile number nobody has."""
    return f"{dice.choice(_SEGMENTS)}{dice.randrange(10**8):08d}"


def full_name(dice: random.Random, *, female: bool | None = None) -> tuple[str, str]:
    """A name and the form of address that goes with it."""
    woman = dice.random() < 0.55 if female is None else female
    surname = dice.choice(_SURNAMES)
    title = f"{surname}{'女士' if woman else '先生'}"
    return surname + dice.choice(_FEMALE if woman else _MALE), title


def address(dice: random.Random, city: str = "南京市") -> str:
    """A street or an estate with building and door."""
    if dice.random() < 0.55:
        return f"{city}{dice.choice(_ESTATES)}{dice.randint(1, 32)}栋{dice.randint(1, 3)}单元{dice.randint(1, 30)}0{dice.randint(1, 6)}室"
    return f"{city}{dice.choice(_STREETS)}{dice.randint(1, 399)}号{dice.randint(1, 18)}楼"


def street(dice: random.Random) -> str:
    """A place somebody would name on the telephone."""
    return dice.choice(_STREETS) if dice.random() < 0.5 else dice.choice(_ESTATES)


def person(dice: random.Random, city: str = "南京市") -> Person:
    """Somebody new."""
    name, title = full_name(dice)
    return Person(name, title, phone(dice), address(dice, city))
