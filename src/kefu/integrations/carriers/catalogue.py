"""Every adapter, by vendor. The composition root names ``CARRIERS`` in ``KEFU_CARRIERS``."""

from typing import Final

from kefu.integrations.carriers.best import Best
from kefu.integrations.carriers.deppon import Deppon
from kefu.integrations.carriers.jt import Jt
from kefu.integrations.carriers.kdniao import Kdniao
from kefu.integrations.carriers.kuaidi100 import Kuaidi100
from kefu.integrations.carriers.link import Cainiao, Sto
from kefu.integrations.carriers.transport import Http
from kefu.integrations.carriers.yto import Yto
from kefu.integrations.carriers.yunda import Yunda
from kefu.integrations.carriers.zto import Zto, ZtoLegacy
from kefu.station.tracking.carriers import Carrier, Carriers

ADAPTERS: Final[tuple[Carrier, ...]] = (
    Kuaidi100(),
    Kdniao(),
    Zto(),
    ZtoLegacy(),
    Best(),
    Yto(),
    Sto(),
    Yunda(),
    Jt(),
    Deppon(),
    Cainiao(),
)
CARRIERS: Final = Carriers({one.vendor: one for one in ADAPTERS}, Http())
