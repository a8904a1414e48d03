"""Help: every page leads to one that exists, and what is shown is text."""

from pathlib import Path

import pytest

from kefu.console import help_links
from kefu.console.views import help as pages

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db]


@pytest.mark.parametrize("path", ["/account", "/account/sessions", "/account/password"])
def test_every_page_has_a_link_to_its_explanation(path: str, signed_in) -> None:
    client = signed_in("agent")
    assert 'href="/help/people"' in client.get(path).content.decode()
    assert client.get("/help/people").status_code == 200


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("", "getting-started"),
        ("cases", "cases"),
        ("phrases", "desk"),
        ("cases/batches", "cases"),
        ("people/tokens", "api"),
        ("nowhere/at-all", "getting-started"),
    ],
)
def test_addresses_lead_to_their_page(path: str, name: str) -> None:
    assert help_links._named(path) == name


def test_all_of_the_contents_are_there_in_both_languages_or_say_so(signed_in) -> None:
    client = signed_in("agent")
    index = client.get("/help").content.decode()
    for slug, _words in pages.PAGES:
        assert f'href="/help/{slug}"' in index
        page = client.get(f"/help/{slug}")
        assert page.status_code == 200, slug
        assert ("这一页目前只有英文" in page.content.decode()) is not (help_links.FOLDER / f"{slug}.zh.md").is_file()


@pytest.mark.parametrize("slug", ["nothing", "..", "openapi", "console.zh"])
def test_other_files_are_not_shown(slug: str, signed_in) -> None:
    assert signed_in("agent").get(f"/help/{slug}").status_code == 404


def test_markup_in_the_text_stays_text_and_links_stay_inside(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    links = "[a](javascript:alert(1)) [b](../src/x.py) [c](cases.md#k) [d](https://example.com/)"
    path.write_text(f"# T\n\n<script>alert(1)</script>\n\n{links}\n\n## H\n\n|a|\n|-|\n|1|\n")
    found = pages._article(path, 0)
    assert found.title == "T"
    assert found.headings == (("s1", "H"),)
    assert "<script>" not in found.body
    assert 'href="javascript' not in found.body
    assert 'href="/help/cases#k"' in found.body
    assert "../src" not in found.body
    assert 'href="https://example.com/"' in found.body
    assert 'tabindex="0"' in found.body
