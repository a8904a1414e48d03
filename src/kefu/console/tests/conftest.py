"""People who use the console in its tests, made through the product's own actions."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from kefu.console.tests import browsing
from kefu.kernel.actor import Actor
from kefu.people import actions
from kefu.people.actions import NewStaff

PASSWORD = "Kefu-demo-2024"
chromium = browsing.chromium


@pytest.fixture
def station(db: None) -> Any:
    cache.clear()
    return actions.create_site(
        actor=Actor.system("test"), code="HZ1", name="杭州滨江一部", kind="station", handbook="best", now=timezone.now()
    )


@pytest.fixture
def hire(station: Any) -> Callable[[str], Any]:
    def make(role: str) -> Any:
        new = NewStaff(username=f"user-{role}", staff_no=f"no-{role}", name="王小丽", role=role, site=station, password=PASSWORD)
        return actions.create_staff(actor=Actor.system("test"), new=new, now=timezone.now())

    return make


@pytest.fixture
def signed_in(hire: Callable[[str], Any]) -> Callable[[str], Client]:
    def enter(role: str) -> Client:
        hire(role)
        client = Client()
        answer = client.post("/sign-in", {"username": f"user-{role}", "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return enter
