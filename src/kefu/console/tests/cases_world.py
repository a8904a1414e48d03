"""People, cases, a parcel and a customer for the tests of case pages, made through the product's own actions."""

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from kefu.cases import actions as case_actions
from kefu.cases.actions import CaseRequest
from kefu.conftest import NOW, PASSWORD, Ground
from kefu.kernel.actor import Actor
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, Party, ScanDraft
from kefu.people import access, sign_in
from kefu.people import actions as people

WAYBILL = "50004090806944"
PHONE = "13812345678"
EVIL = '<script>alert("x")</script>'
RECEIVE = {
    "receive-caller_name": "王女士",
    "receive-caller_phone": PHONE,
    "receive-caller_role": "recipient",
    "receive-waybill": WAYBILL,
    "receive-statement": "三天没有更新物流",
    "receive-demand": "尽快派送",
}


@dataclass
class World:
    """Who there is. ``client(role)`` is that person's browser, ``outsider`` works at another site."""

    ground: Ground
    staff: dict[str, Any] = field(default_factory=dict)

    def person(self, role: str) -> Any:
        if role not in self.staff:
            site = self.ground.other_station if role == "outsider" else self.ground.station
            kind = {"outsider": "agent", "second": "agent"}.get(role, role)
            number = f"9{len(self.staff):03d}"
            new = people.NewStaff(username=f"u-{role}", staff_no=number, name=f"{role}-姓名", role=kind, site=site, password=PASSWORD)
            self.staff[role] = people.create_staff(actor=Actor.system("tests"), new=new, now=NOW)
        return self.staff[role]

    def actor(self, role: str) -> Actor:
        return access.actor_for(self.person(role))

    def client(self, role: str) -> Client:
        client = Client()
        client.force_login(self.person(role), backend="django.contrib.auth.backends.ModelBackend")
        key = str(client.session.session_key)
        sign_in.start_session(staff=self.person(role), session_key=key, ip="127.0.0.1", user_agent="", now=timezone.now())
        return client

    def case(self, role: str = "agent", **more: Any) -> Any:
        given: dict[str, Any] = {
            "site_id": self.person(role).site_id,
            "kind": "delay",
            "channel": "call",
            "description": f"客户电话 {PHONE}，快件三天没有更新，请尽快处理并回电说明原因",
            "waybill": WAYBILL,
            "customer_name": "王女士",
            "customer_phone": PHONE,
            "even_if_duplicate": True,
            **more,
        }
        return case_actions.open_case(actor=self.actor(role), request=CaseRequest(**given), now=NOW)

    def parcel(self, waybill: str = WAYBILL) -> None:
        system = Actor.system("tests")
        here, hub = self.ground.station.pk, self.ground.hub.pk
        draft = ParcelDraft(
            waybill,
            here,
            carrier="best",
            origin_site_id=hub,
            sender=Party("周先生", "13900001111", "浙江省杭州市西湖区文三路 1 号"),
            receiver=Party("王女士", PHONE, "江苏省南京市鼓楼区中山路 18 号"),
        )
        parcels.register_parcel(actor=system, draft=draft, now=NOW)
        scans = [("collect", hub, 40), ("send", hub, 38), ("arrive", here, 12), ("deliver", here, 2)]
        drafts = [
            ScanDraft(waybill, code, site, (NOW - timedelta(hours=hours)).astimezone(UTC), operator="112") for code, site, hours in scans
        ]
        parcels.record_scans(actor=system, batch=drafts, now=NOW)
