import gzip

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from kefu.console.compression import LEAST, CompressionMiddleware, compress

PAGE = "<p>客户反映外包装破损</p>" * 200


def answer(response, accepts="gzip, deflate, br"):
    return CompressionMiddleware(lambda _request: response)(RequestFactory().get("/", headers={"accept-encoding": accepts}))


def test_a_page_is_compressed_and_says_so():
    found = answer(HttpResponse(PAGE, headers={"Content-Length": str(len(PAGE.encode()))}))
    assert gzip.decompress(found.content).decode() == PAGE
    assert found["Content-Encoding"] == "gzip"
    assert found["Content-Length"] == str(len(found.content))
    assert "Accept-Encoding" in found["Vary"]


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("x" * (LEAST - 1)),
        HttpResponse(b"x" * 5000, content_type="application/octet-stream"),
        HttpResponse(PAGE, headers={"Content-Encoding": "br"}),
        StreamingHttpResponse(iter(["x" * 5000])),
    ],
    ids=["short", "file", "compressed already", "stream"],
)
def test_others_are_sent_as_they_are(response):
    assert answer(response).headers.get("Content-Encoding") != "gzip"


def test_a_browser_that_does_not_take_it_gets_the_page_and_caches_keep_them_apart():
    found = answer(HttpResponse(PAGE), accepts="identity")
    assert found.content.decode() == PAGE
    assert found["Vary"] == "Accept-Encoding"


def test_the_size_of_an_answer_does_not_tell_what_is_in_it():
    assert len({len(compress(PAGE.encode())) for _ in range(30)}) > 10


def test_pages_of_the_console_are_compressed(client, db):
    page = client.get("/sign-in", headers={"accept-encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert "<html" in gzip.decompress(page.content).decode()
