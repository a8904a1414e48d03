import pytest
from django.test import RequestFactory

from kefu.kernel.addresses import client_address
from kefu.kernel.texts import fits, storable


@pytest.mark.parametrize(
    ("text", "stored"),
    [("外包装破损", "外包装破损"), ("a\0b", "ab"), ("\ud83d\ude00", "😀"), ("half \ud83d", "half \ufffd"), ("", "")],
)
def test_what_no_database_holds_is_taken_out(text, stored):
    assert storable(text) == stored
    assert fits(stored)
    assert fits(text) == (text == stored)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        ("10.0.0.1", "<script>", ""),
        ("", "", ""),
    ],
)
def test_a_forwarded_address_counts_only_from_a_named_proxy(settings, peer, forwarded, address):
    settings.KEFU_TRUSTED_PROXIES = ["10.0.0.1"]
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded} if forwarded else {})
    assert client_address(request) == address
