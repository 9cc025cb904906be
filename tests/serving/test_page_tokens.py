"""Tokens, lines and tables on the page, as Chromium shows them."""

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
