"""The page at `/`, as it is sent and as Chromium shows it."""

import http.client
import struct
import zlib

import pytest

SCRIPTS = ["page", "inputs", "answers", "charts", "elements", "tokens", "several", "table", "csv"]
SCRIPTS += ["numbers", "forecast"]
FILES = ["/", "/page.css", *(f"/{name}.js" for name in SCRIPTS)]


def headers_of(client, path):
    connection = http.client.HTTPConnection("127.0.0.1", client.port)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.headers


@pytest.mark.parametrize("path", FILES)
def test_files_forbid_other_origins_and_name_none(client, path):
    status, body = client.call("GET", path)
    assert status == 200 and body
    assert b"http://" not in body and b"https://" not in body and b"//cdn" not in body
    headers = headers_of(client, path)
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_what_the_page_offers(client):
    _, answer = client.get("/models.json")
    words = next(each for each in answer["models"] if each["name"] == "words")
    assert [each["version"] for each in words["versions"]] == ["2", "1"]
    assert words["labels"] == {"stable": 1}
    newest = words["versions"][0]
    assert (newest["title"], newest["task"]) == ("Words", "translate")
    signature = newest["signatures"]["serving_default"]
    assert signature["inputs"] == {"text": {"dtype": "string", "shape": [None]}}
    assert signature["outputs"] == ["length", "text", "tokens"]
    assert signature["lengths"] == {"tokens": ["length"]}
    assert answer["limits"] == {"rows": 64, "bytes": 16 * 2**20}


def test_the_keyboard_alone_is_enough(page):
    focused = "document.activeElement.id"
    for expected in ("model", "version", "signature", "input-text", "predict"):
        page.press("Tab", 9)
        if expected == "model":
            for _ in ("bytes", "numbers", "words"):
                page.press("ArrowDown", 40)
        assert page.run(focused) == expected
        if expected == "input-text":
            page.type("ada wrote")
    page.press("Enter", 13)
    page.wait("document.getElementById('status').textContent.includes('answered')")
    assert page.text_of(".headline") == "2:ADA WROTE"


def test_version_label_and_the_shortcut(page):
    page.choose(model="words", version="label:stable")
    page.run("document.getElementById('input-text').focus()")
    page.type("ada")
    page.press("Enter", 13, control=True)
    page.wait("document.querySelector('.headline')")
    assert page.text_of(".headline") == "ADA"
    assert "/v1/models/words/labels/stable:predict" in page.run(
        "document.getElementById('curl').textContent"
    )
    assert page.text_of("#title") == "Words"


def test_an_error_is_told_to_eyes_and_ears(page):
    page.choose(model="words")
    page.run("document.getElementById('input-text').value = 'refuse me'")
    page.predict()
    assert "Refused" in page.text_of("[role=alert]")
    browser_says = [each for each in page.console if "400" not in each["entry"]["text"]]
    page.console[:] = browser_says


def test_every_field_has_a_label_and_the_answer_a_live_region(page):
    for model, signatures in (("answers", ["caption", "tag"]), ("numbers", ["scale"])):
        for signature in signatures:
            page.choose(model=model, signature=signature)
            assert page.run(
                "[...document.querySelectorAll('input, select, textarea')]"
                ".every(each => each.labels.length === 1)"
            )
    assert page.run("document.querySelector('[role=status]') !== null")


def test_classes_as_bars(page):
    page.choose(model="answers", signature="classify")
    page.predict()
    assert page.text_of(".headline") == "Deutsch"
    assert page.texts_of(".bars .name") == ["Deutsch", "English", "Ελληνικά"]
    assert "Confidence 75.0 %" in page.text_of("#answer")


def test_tags_with_a_colour_for_each_label(page):
    page.choose(model="answers", signature="tag")
    page.predict()
    assert page.texts_of(".tags bdi") == ["Ada", "Lovelace", "wrote", "in", "London"]
    hues = page.run(
        "[...document.querySelectorAll('.tags li')]"
        ".map(each => each.style.getPropertyValue('--hue'))"
    )
    assert hues[0] == hues[1] != hues[4]


def test_marginals_as_a_table(page):
    page.choose(model="answers", signature="marginals")
    page.predict()
    assert page.texts_of(".heatmap th") == ["PER", "O", "Ada", "wrote"]
    assert page.texts_of(".heatmap td:not(.corner)") == ["0.75", "0.25", "0.00", "1.00"]
    assert page.run("document.querySelector('dl') === null"), "nothing is left over"


def test_best_answers_with_their_scores(page):
    page.choose(model="answers", signature="best")
    page.predict()
    cells = page.texts_of(".candidates td")
    assert cells == ["4 March", "-0.125", "March 4", "-2.500", "(an empty text)", "-9.000"]


def test_an_image_and_where_the_model_looked(page, tmp_path):
    def chunk(name, content):
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    pixels = b"".join(b"\0" + bytes(range(0, 160, 20)) for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    image = tmp_path / "image.png"
    image.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
    )
    page.choose(model="answers", signature="caption")
    page.predict()
    assert "Expected an image" in page.text_of("[role=alert]")
    document = page.call("DOM.getDocument")["root"]["nodeId"]
    field = page.call("DOM.querySelector", nodeId=document, selector="input[type=file]")["nodeId"]
    page.call("DOM.setFileInputFiles", nodeId=field, files=[str(image)])
    page.wait("document.querySelector('.preview img')")
    page.predict()
    assert page.text_of(".headline") == "a digit"
    assert page.texts_of("figcaption") == ["a", "digit"]
    assert page.run("document.querySelectorAll('.places .grid span').length") == 8


def test_numbers_and_scalars(page):
    page.choose(model="numbers", signature="scale")
    page.run("document.getElementById('input-values').value = 2")
    page.run("document.getElementById('input-factor').value = 2.5")
    page.predict()
    assert page.text_of("#answer") == "scaled\n5"


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_all_of_it(page, width):
    page.look(width)
    for model, signature in (("answers", "tag"), ("answers", "marginals"), ("words", None)):
        page.choose(model=model, **({"signature": signature} if signature else {}))
        page.run("document.getElementById('input-text').value = 'a '.repeat(40)")
        page.predict()
        assert page.run("document.documentElement.scrollWidth") == width


def test_what_a_finger_presses_is_large_enough(page):
    page.look(390)
    page.choose(model="answers", signature="classify")
    page.predict()
    page.run("document.getElementById('table').open = true")
    heights = page.run(
        """[...document.querySelectorAll("button, select, input, textarea, summary")]
        .map(each => each.getBoundingClientRect().height).filter(height => height > 0)"""
    )
    assert len(heights) == 8 and min(heights) >= 44


def test_a_text_field_shows_all_its_lines(page):
    page.choose(model="words")
    page.fill(text="\n".join(map(str, range(7))))
    field = "document.getElementById('input-text')"
    assert page.run(f"{field}.scrollHeight <= {field}.clientHeight")


def test_the_hint_for_the_keyboard_is_where_a_text_is(page):
    shown = "document.querySelector('.send .hint').offsetHeight > 0"
    page.choose(model="numbers", signature="scale")
    assert not page.run(shown)
    page.choose(model="words")
    assert page.run(shown)


def test_light_and_dark_differ(page):
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.run(colour)
    page.look(1000, dark=True)
    assert page.run(colour) != light
    page.look(1000)
