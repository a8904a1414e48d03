"""Callers of the API: by token or by session, at a moment the story tells."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client

from kefu.api import moment
from kefu.conftest import NOW, Cast, Ground
from kefu.kernel.actor import Actor
from kefu.people import actions, queries, sign_in
from kefu.people.permissions import Permission

BASE = "/api/v1"


class Story:
    """The time the API is told; moved by the test."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def after(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def story() -> Iterator[Story]:
    """Time as told by the test, from 2026-11-22 10:00 in China."""
    told = Story(NOW)
    with moment.told_by(told):
        yield told


@dataclass
class Caller:
    """Somebody with a token, a session or nothing; ``ok`` fails the test on a refusal, ``refused`` on anything else."""

    client: Client = field(default_factory=Client)
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """One request; a body is sent as JSON."""
        extra: dict[str, Any] = {"headers": {**self.headers, **headers}}
        if body is not None:
            extra |= {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, f"{BASE}{path}", **extra)

    def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer of a request that must succeed."""
        response = self.call(method, path, body, **headers)
        assert response.status_code < 300, (method, path, response.status_code, response.content.decode())
        return json.loads(response.content)

    def refused(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The error of a request that must be refused with the status."""
        response = self.call(method, path, body, **headers)
        assert response.status_code == status, (method, path, response.status_code, response.content.decode())
        return json.loads(response.content)["error"]


@pytest.fixture
def by_token(cast: Cast) -> Callable[..., Caller]:
    """A caller with a fresh token: ``by_token(permissions, sites=[…])``; no sites means all."""

    def make(permissions: list[str] | None = None, sites: list[int] | None = None) -> Caller:
        wanted = permissions if permissions is not None else [one.value for one in Permission]
        _row, text = actions.create_token(actor=Actor.system("tests"), name="ERP", permissions=wanted, site_ids=sites, now=NOW)
        return Caller(headers={"Authorization": f"Bearer {text}"})

    return make


@pytest.fixture
def signed_in(cast: Cast) -> Callable[[Actor], Caller]:
    """A caller with the session of somebody of the cast."""

    def make(actor: Actor, *, enforce_csrf: bool = False) -> Caller:
        staff = queries.staff_for_session(actor.id)
        assert staff is not None
        client = Client(enforce_csrf_checks=enforce_csrf)
        client.force_login(staff)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        assert SessionStore(key).exists(key)
        sign_in.start_session(staff=staff, session_key=key, ip="127.0.0.1", user_agent="tests", now=NOW)
        return Caller(client=client)

    return make


@pytest.fixture
def anonymous() -> Caller:
    """Nobody."""
    return Caller()


@pytest.fixture
def erp(by_token: Callable[..., Caller], ground: Ground) -> Caller:
    """An integration that may do everything at the station."""
    return by_token(sites=[ground.station.pk])
