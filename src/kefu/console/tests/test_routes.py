from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from kefu.console import routes
from kefu.people.models import SignInAttempt
from kefu.people.permissions import ROLE_PERMISSIONS, Role

pytestmark = pytest.mark.urls("kefu.console.tests.product_urls")
ARGUMENTS = {"int": 999_999, "str": "none", "slug": "none"}
PUBLIC = {"setup", "sign-in", "sign-in-code", "sign-out", "language", "theme", "alive"}


def all_routes() -> list[routes.Route]:
    reverse("console:home")
    return list(routes.all_routes())


def address(route: routes.Route) -> str:
    pattern = RoutePattern(route.path, name=route.name, is_endpoint=True)
    return reverse(
        f"console:{route.name}",
        kwargs={name: 999_999 if "Int" in type(kind).__name__ else "none" for name, kind in pattern.converters.items()},
    )


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name == "console":
                yield from patterns(entry)
        elif resolver.app_name == "console":
            yield entry


def test_every_address_comes_from_the_registry() -> None:
    listed = {(str(pattern.pattern), pattern.name) for pattern in patterns(get_resolver())}
    assert listed == {(route.path, route.name) for route in all_routes()}


def test_public_pages_are_the_known_ones() -> None:
    assert {route.name for route in all_routes() if route.public} == PUBLIC


@pytest.mark.django_db
def test_a_visitor_is_sent_to_sign_in_from_every_other_page(client: Client) -> None:
    for route in all_routes():
        if route.public:
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(address(route))
            assert answer.status_code == 302, route
            assert answer["Location"].startswith("/sign-in"), route


@pytest.mark.parametrize("role", [role for role in Role if role != Role.CUSTOMER])
def test_doors_open_by_permission_only(role: Role, signed_in: Callable[[str], Client]) -> None:
    client = signed_in(role)
    held = {permission.value for permission in ROLE_PERMISSIONS[role]}
    for route in all_routes():
        if route.name == "sign-out" or not route.permissions:
            continue
        answer = client.get(address(route)) if "GET" in route.methods else client.post(address(route))
        assert (answer.status_code == 403) == (not held & set(route.permissions)), route


@pytest.mark.django_db
def test_where_a_visitor_comes_back_to(client: Client) -> None:
    assert (
        client.get("/account/sessions?a=1&b=%E4%BA%8C")["Location"] == "/sign-in?next=%2Faccount%2Fsessions%3Fa%3D1%26b%3D%25E4%25BA%258C"
    )
    assert client.get("/")["Location"] == "/sign-in"
    posted = client.post("/account/password", headers={"Referer": "http://testserver/account/password?x=1"})
    assert posted["Location"] == "/sign-in?next=%2Faccount%2Fpassword%3Fx%3D1"
    assert client.post("/account/password", headers={"Referer": "https://elsewhere.example/a"})["Location"] == "/sign-in"


@pytest.mark.django_db
def test_htmx_and_programs_get_401(client: Client) -> None:
    part = client.get("/account", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/cases/7"})
    assert (part.status_code, part["HX-Redirect"]) == (401, "/sign-in?next=%2Fcases%2F7")
    program = client.get("/account", headers={"Accept": "application/json"})
    assert (program.status_code, program.json()) == (401, {"code": "signed_out"})


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("/cases?state=open", "/cases?state=open"),
        ("http://testserver/a", "/a"),
        ("https://evil.example/a", ""),
        ("//evil.example/a", ""),
        ("/\\evil.example", ""),
        ("javascript:alert(1)", ""),
        ("cases", ""),
        ("", ""),
        ("http://testserver//evil.example", ""),
    ],
)
def test_only_addresses_of_this_host_are_gone_to(given: str, taken: str) -> None:
    assert routes.local_path(given, RequestFactory().get("/")) == taken


def test_wrong_methods_are_refused(signed_in: Callable[[str], Client]) -> None:
    client = signed_in("agent")
    assert client.get("/language").status_code == 405
    assert client.post("/account").status_code == 405
    assert client.head("/account").status_code == 200


def test_asking_for_the_head_of_a_form_does_not_send_it(client: Client, signed_in: Callable[[str], Client]) -> None:
    for path in ("/sign-in", "/account/password"):
        answer = (client if path == "/sign-in" else signed_in("agent")).head(path)
        assert (answer.status_code, answer.content) == (200, b""), path
    assert not SignInAttempt.objects.filter(succeeded=False).exists()


def test_a_name_is_taken_once_and_public_pages_have_no_permission() -> None:
    def view(_request: HttpRequest, **_: Any) -> HttpResponse:
        return HttpResponse()

    all_routes()
    with pytest.raises(ValueError, match="registered twice"):
        routes.page("elsewhere", "account")(view)
    with pytest.raises(ValueError, match="public"):
        routes.page("x", "x", permission="case.view", public=True)
