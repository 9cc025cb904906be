"""Several rows at once on the page: lines, samples and scores."""

import pytest


def test_each_line_is_an_instance_and_the_field_says_so(page):
    page.choose(model="words")
    assert "Each line is one instance" in page.text_of("#inputs")
    page.fill(text="ada\r\n\n  \nbob wrote it")
    page.predict()
    assert page.texts_of("article .headline") == ["2:ADA", "2:BOB WROTE IT"]
    assert page.texts_of("article .line") == ["1. ada", "2. bob wrote it"]
    tokens = page.texts_of("article dd")
    assert '["ada"]' in tokens and '["bob","wrote","it"]' in tokens, "without padding"


def test_lines_of_two_fields_belong_together(page):
    page.choose(model="answers", signature="score")
    page.fill(text="a\nb\nc", answer="one\ntwo")
    page.predict()
    error = page.text_of("[role=alert]")
    assert error == "Expected one line in “answer”, or as many as in “text” (3). Received: 2"
    page.fill(text="\n".join(map(str, range(67))))
    page.predict()
    assert "at most 64 lines" in page.text_of("[role=alert]")


def test_samples_are_ranked_and_counted(page):
    page.choose(model="answers", signature="sample")
    page.fill(text="ada", samples=7, seed=4)
    page.predict()
    # Seeds 4 to 10 give three texts, by their remainder of 3.
    assert page.texts_of(".ranked .text") == ["ada 0", "ada 1", "ada 2"]
    assert page.texts_of(".ranked .value") == ["-0.500", "-1.500", "-2.500"]
    assert page.texts_of(".ranked td:last-child") == ["2", "3", "2"]
    bars = [float(each) for each in page.run(BARS)]
    assert bars == pytest.approx([1 - each / 2.625 for each in (0.5, 1.5, 2.5)])
    assert "from -2.6 (empty) to 0 (certain)" in page.text_of("#answer .note")


def test_what_is_sampled_without_a_wish(page):
    page.choose(model="answers", signature="sample")
    fields = "[...document.querySelectorAll('#inputs input')].map(each => [each.name, each.value])"
    assert dict(page.run(fields)) == {
        **{"seed": "1", "temperature": "1", "top_k": "0", "top_p": "1", "samples": "5"}
    }


def test_given_answers_are_ranked_by_their_score(page):
    page.choose(model="answers", signature="score")
    page.fill(text="ada", answer="longest\nlong\nlonger")
    page.predict()
    assert page.texts_of(".ranked .text") == ["long", "longer", "longest"]
    assert page.texts_of(".ranked .value") == ["-2.000", "-3.000", "-3.500"]
    assert page.texts_of(".ranked td:last-child") == ["-4.000", "-6.000", "-7.000"]
    page.fill(text="ada\nbob", answer="one\nthree")
    page.predict()
    assert page.texts_of("article .line") == ["1. ada", "2. bob"]
    assert page.texts_of("article .ranked .text") == ["one", "three"]


BARS = """[...document.querySelectorAll('.ranked .bar')]
    .map(each => each.style.getPropertyValue('--weight'))"""
