"""Tokens, lines and tables on the page, as Chromium shows them."""

import pytest

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def test_an_emoji_is_one_token_and_no_mark_is_a_box(page):
    page.choose(model="answers", signature="characters")
    page.predict()
    assert page.texts_of(".tags bdi") == [FAMILY, "↵", "U+200D", "!"]
    shares = page.texts_of(".tags small")
    assert shares == ["53.5 %", "36.8 %", "13.5 %", "5.0 %"]  # e^-0.625, e^-1, e^-2, e^-3
    assert page.texts_of(".heatmap th") == [FAMILY, "!", FAMILY, "↵", "U+200D", "!"]
    cells = page.texts_of(".heatmap td:not(.corner)")
    assert cells == ["0.63", "0.38", *(3 * ["0.00", "1.00"])], "columns of a sign add up"


def test_an_emoji_unknown_to_the_model_is_one_token(page):
    page.choose(model="answers", signature="unknown")
    page.fill(text=f"a{FAMILY}b")
    page.predict()
    assert page.texts_of(".tags bdi") == ["a", "<unknown>", "<unknown>", "<end>"]
    shares = page.texts_of(".tags small")
    assert shares == ["60.7 %", "8.2 %", "60.7 %", "60.7 %"]  # e^-0.5, and five times for one
    page.fill(text="another text")
    page.predict()
    assert len(page.texts_of(".tags bdi")) == 8, "words stay as they are"


WIDE = """import("/charts.js").then(({ heatmap }) => {
    const names = [...Array(61).keys()].map(String);
    const rows = [0, 1].map(() => names.map(() => 0.5));
    const table = heatmap(rows, ["first", "second"], names, "");
    document.getElementById("answer").replaceChildren(table);
})"""


@pytest.mark.parametrize("dark", [False, True])
def test_a_wide_table_says_that_there_is_more(page, dark):
    page.look(390, dark)
    page.run(WIDE)
    page.wait("document.querySelector('.frame.more-behind')")
    assert "scroll the table sideways" in page.text_of("#answer .note")
    assert page.run("document.documentElement.scrollWidth") == 390
    opacity = "getComputedStyle(document.querySelector('.frame'), '::after').opacity"
    assert page.run(opacity) == "1"
    page.run("document.querySelector('.scroll').scrollLeft = 10000")
    page.wait("document.querySelector('.frame.more-before:not(.more-behind)')")
    assert page.run(opacity) == "0"
    edge = "document.querySelector('.heatmap tbody th').getBoundingClientRect().left"
    assert page.run(edge) >= 0, "the names of the lines stay in sight"


def test_a_narrow_table_says_nothing(page):
    page.choose(model="answers", signature="best")
    page.predict()
    page.wait("document.querySelector('#answer .frame')")
    # Sizes are told after the next frame is drawn.
    page.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.run("document.querySelector('#answer .frame').previousSibling.offsetHeight") == 0


CONTRAST = """import("/charts.js").then(({ shades }) => {
    document.getElementById("answer").replaceChildren(shades(["word"], [1]));
    const styleOf = (name) => getComputedStyle(document.querySelector(name));
    const [word, card] = [".tags li", "section"].map(styleOf);
    const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
    const [red, green, blue, opacity] = numbers(word.backgroundColor);
    const ground = [red, green, blue].map((part, i) =>
        255 * part * opacity + numbers(card.backgroundColor)[i] * (1 - opacity));
    const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const luminance = (color) => color.slice(0, 3).map(part => linear(part / 255))
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const [low, high] = [luminance(ground), luminance(numbers(word.color))].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
})"""


@pytest.mark.parametrize("dark", [False, True])
def test_a_certain_token_is_readable(page, dark):
    """The contrast that WCAG 2.2 (1.4.3) asks for of texts, on the deepest shade."""
    page.look(1000, dark)
    assert 4.5 <= page.run(CONTRAST) <= 21
