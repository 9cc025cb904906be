"""Several rows at once on the page: lines, samples, scores and tables of a file."""

import csv
import json
import time

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


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_reads_and_writes_what_python_does(page, tmp_path, separator, mark):
    rows = [["text", "other"], ["plain", "a, b"], ['say "hi"', "x;y"], ["two\nlines", ""]]
    rows.append(["한국어", " outer\t"])
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(mark)
        csv.writer(file, delimiter=separator).writerows(rows)
    content = list(path.read_bytes())
    read = f"import('/csv.js').then(csv => csv.parseCsv(new Uint8Array({content})))"
    table = page.run(read)
    assert [table["header"], *table["rows"]] == rows
    assert (table["separator"], table["mark"]) == (separator, bool(mark))
    again = page.run(f"{read}.then(async table => (await import('/csv.js')).writeCsv(table))")
    assert again.startswith(mark)
    lines = again.removeprefix(mark).splitlines(keepends=True)
    assert list(csv.reader(lines, delimiter=separator)) == rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"text,label\na,b,c\n", "Expected 2 cells in row 1. Received: 3"),
        (b'text\n"open', "Expected a closing quote"),
        (b'text\n"a"b', "Expected a separator behind"),
        (b"text\n", "and rows below it"),
        ("text\n한국".encode("cp949"), "Expected a file in UTF-8"),
    ],
)
def test_a_table_that_is_none_is_told(page, tmp_path, content, message):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    upload(page, path)
    page.wait("document.querySelector('#table .wrong')")
    assert message in page.text_of("#table .wrong")


def upload(page, path):
    page.choose(model="words")
    page.run("document.getElementById('table').open = true")
    page.choose_file("#table-file", path)


def test_a_table_goes_up_and_its_answers_come_down(page, tmp_path):
    texts = [f'word {i}, "said"' for i in range(149)]
    texts[101] = "refuse me"
    path = tmp_path / "letters.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["number", "letter", "text"], *enumerated(texts)])
    upload(page, path)
    page.wait("document.querySelector('#table button')")
    assert page.texts_of("#table option:checked") == ["text"]
    page.choose(**{"column-text": "1"})
    page.run("document.querySelector('#table button').click()")
    page.wait("document.querySelector('#table a')")
    assert page.text_of("#table .wrong, #table [role=status]") == (
        "149 rows answered; 1 row refused, see the column “error”"
    )
    assert page.run("document.querySelector('progress').value") == 149
    rows = download(page, tmp_path / "letters_answers.csv")
    assert [row["letter"] for row in rows] == texts
    for i, (row, text) in enumerate(zip(rows, texts, strict=True)):
        assert (row["number"], row["text"]) == (str(i), "")
        if i == 101:
            assert "Refused" in row["error"] and row["answer_text"] == ""
        else:
            assert (row["answer_text"], row["error"]) == (f"2:{text.upper()}", "")
            assert json.loads(row["tokens"]) == text.split()
            assert row["length"] == "3"
    page.console[:] = [each for each in page.console if "400" not in each["entry"]["text"]]


def download(page, answers):
    page.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(answers.parent))
    page.run("document.querySelector('#table a').click()")
    until = time.monotonic() + 20
    while not answers.exists() and time.monotonic() < until:
        time.sleep(0.02)
    with answers.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_column_of_texts_is_found(page, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("number,message,label\n1,see you at lunch,ham\n", encoding="utf-8")
    upload(page, path)
    page.wait("document.querySelector('#table option')")
    assert page.texts_of("#table option:checked") == ["message"]
    assert page.texts_of("#table button") == ["Answer 1 row"]


def test_another_signature_stops_a_table(page, tmp_path):
    """No request is of the old rows once another model is chosen, but for the one on its way."""
    path = tmp_path / "table.csv"
    path.write_text("text\n" + 1999 * "ada\n", encoding="utf-8")
    upload(page, path)
    page.wait("document.querySelector('#table option')")
    page.run(
        """window.asked = []; window.plainFetch = window.fetch;
        window.fetch = (path, ...more) => { asked.push(path); return plainFetch(path, ...more); };
        document.querySelector('#table button').click()"""
    )
    page.wait("asked.length")
    page.choose(model="answers", signature="classify")
    page.fill(text="ada")
    page.predict()
    paths = page.run("asked")
    assert len(paths) < 32, "of 1999 rows, 64 in each request"
    assert paths[-1] == "/v1/models/answers:predict"
    assert page.run("document.querySelector('#table progress').hidden")


def test_stop_ends_a_table_and_keeps_what_is_answered(page, tmp_path):
    """Stopped while the third request is on its way: that one is the last."""
    path = tmp_path / "table.csv"
    path.write_text("text\n" + 499 * "ada\n", encoding="utf-8")
    upload(page, path)
    page.wait("document.querySelector('#table option')")
    page.run(
        """window.asked = 0; window.plainFetch = window.fetch;
        window.fetch = async (...request) => {
            if (++asked === 3) await new Promise(done => { window.goOn = done; });
            return plainFetch(...request);
        };
        document.querySelector('#table button').focus();
        document.querySelector('#table button').click()"""
    )
    page.wait("window.goOn")
    assert page.texts_of("#table button") == ["Answer 499 rows", "Stop"]
    assert page.text_of("#table [role=status]") == "128 of 499 rows answered"
    assert page.run("document.activeElement.textContent") == "Stop"
    page.press("Enter", 13)
    assert page.run("document.querySelector('#table a')") is None, "one answer is on its way"
    page.run("goOn()")
    page.wait("document.querySelector('#table a')")
    assert page.text_of("#table [role=status]") == "Stopped: 192 of 499 rows answered"
    assert page.run("[asked, document.querySelector('progress').value]") == [3, 192]
    assert page.texts_of("#table button") == ["Answer 499 rows"]
    assert page.run("document.activeElement.textContent") == "Answer 499 rows"
    rows = download(page, tmp_path / "table_answers.csv")
    assert [row["answer_text"] for row in rows] == 192 * ["2:ADA"]


def enumerated(texts):
    return [[str(i), text, ""] for i, text in enumerate(texts)]


def test_requests_keep_to_the_limits(page):
    """Rows of unlike sizes: no request has more rows or bytes, and no row is left out."""
    sizes = page.run(
        """import("/table.js").then(({ batches }) => {
            const text = [...Array(31).keys()].map(i => "x".repeat(97 * (i % 7)));
            return [...batches({ text, factor: 1 }, 31, { rows: 5, bytes: 2500 })];
        })"""
    )
    assert [begin for begin, _ in sizes] == [0, *(end for _, end in sizes[:-1])]
    assert sizes[-1][1] == 31
    for begin, end in sizes:
        assert 1 <= end - begin <= 5
        longest = sum(97 * (i % 7) for i in range(begin, end))
        assert longest <= 2500 - 1000 or end - begin == 1


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
    bars = [float(each) for each in page.run(BARS)]
    assert bars == pytest.approx([1 - 1.5 / 2.625, 1 - 2.5 / 2.625]), "one scale for all"
    assert page.texts_of("#inputs label") == ["text", "answer"]


def test_scores_fit_on_a_phone(page):
    page.look(390)
    page.choose(model="answers", signature="score")
    page.fill(text="ada", answer="long\na considerably longer answer than the other")
    page.predict()
    box = "document.querySelector('#answer .scroll')"
    assert page.run(f"{box}.scrollWidth <= {box}.clientWidth")


def test_a_long_column_of_a_table_is_not_squeezed(page, tmp_path):
    page.look(390)
    path = tmp_path / "table.csv"
    path.write_text("number,text\n1," + 11 * "word " + "\n", encoding="utf-8")
    upload(page, path)
    page.wait("document.querySelector('#table button')")
    page.run("document.querySelector('#table button').click()")
    page.wait("document.querySelector('#table td')")
    assert page.run("document.querySelectorAll('#table td')[1].offsetWidth") >= 250


BARS = """[...document.querySelectorAll('.ranked .bar')]
    .map(each => each.style.getPropertyValue('--weight'))"""
