"""What the style sheet of the documentation site does on a narrow page."""

import pathlib

import pytest

STYLE = pathlib.Path(__file__).parent.parent / "docs" / "_static" / "site.css"
PAGE = """<!doctype html><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="{style}">
<style> body {{ margin: 8px }} img {{ max-width: 100% }} </style>
<article>
  <p style="width: 130px">
    Many <code class="literal"><span class="pre">--learning-rate</span></code>
    <code class="literal long"><span class="pre">a.very.long.name.of.a.function(of_it)</span></code>
  </p>
  <p class="picture"><img src="{picture}"></p>
  <table class="indextable" style="width: 100%"><tr>
    <td style="width: 33%">first</td><td style="width: 33%">second</td>
  </tr></table>
</article>"""


@pytest.fixture
def site(browser, tmp_path):
    folder = STYLE.parent.parent
    picture = (folder / "attention.png").as_uri()
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(style=STYLE.as_uri(), picture=picture), encoding="utf-8")
    browser.look(390)
    browser.open(page.as_uri())
    return browser


def test_an_option_stays_on_one_line_and_a_long_name_within_its_column(site):
    option, name = site.run(
        """[...document.querySelectorAll(".pre")].map(each => [...each.getClientRects()]
        .map(line => line.right))"""
    )
    assert len(option) == 1
    assert len(name) > 1 and max(name) <= 138


def test_a_wide_picture_scrolls_and_widens_nothing(site):
    assert site.run("document.documentElement.scrollWidth") == 390
    box = "document.querySelector('.picture')"
    assert site.run(f"{box}.scrollWidth") > 700
    assert site.run(f"{box}.clientWidth") < 390


def test_the_index_has_one_column(site):
    first, second = site.run(
        """[...document.querySelectorAll(".indextable td")]
        .map(each => each.getBoundingClientRect())
        .map(({ left, top, width }) => [left, top, width])"""
    )
    assert first[0] == second[0] and first[1] < second[1]
    assert first[2] == second[2] >= 360
