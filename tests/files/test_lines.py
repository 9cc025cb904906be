"""One reader of lines: encodings, ends, packed files, and errors that name the line."""

import gzip
import io

import pytest

from kerasrnn.checks import UserError
from kerasrnn.files import decoded_lines, numbered_lines, open_bytes

TEXT = "für\r\n\n10\xa0000\u2028\x85\x0c\rx\nlast"
LINES = ["für", "", "10\xa0000\u2028\x85\x0c\rx", "last"]


def lines(path, *args, **options):
    return [line for _, line in numbered_lines(path, *args, **options)]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030"]
)
def test_lines_are_those_of_the_text(tmp_path, encoding, packed):
    content = TEXT.encode(encoding)
    path = tmp_path / "text"
    path.write_bytes(gzip.compress(content) if packed else content)
    named = "utf-8" if encoding == "utf-8-sig" else encoding
    assert lines(path, named) == LINES
    assert "".join(lines(path, named, ends=True)) == TEXT
    assert [number for number, _ in numbered_lines(path, named)] == [1, 2, 3, 4]


def test_a_byte_order_mark_is_no_part_of_the_first_line_alone(tmp_path):
    path = tmp_path / "text"
    path.write_bytes("\ufeffa\n\ufeffb\n".encode())
    assert lines(path) == ["a", "\ufeffb"]
    path.write_bytes("\ufeffa\n".encode("utf-16-le"))
    assert lines(path, "utf-16-le") == ["a"]


def test_what_is_wrong_is_said_with_file_and_line(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"a\nb\xffc\n")
    with pytest.raises(UserError, match=r"text, line 2: expected UTF-8. Received: the byte 0xff"):
        lines(path)
    path.write_bytes("a\n".encode("utf-16"))
    with pytest.raises(UserError, match="line 1: .*such as utf-16"):
        lines(path)
    path.write_bytes("a\n".encode("utf-16") + b"x")
    with pytest.raises(UserError, match="text: expected UTF-16. Received"):
        lines(path, "utf-16")
    path.write_bytes(gzip.compress(b"a\n" * 999)[:-9])
    with pytest.raises(UserError, match="text: expected a whole gzip file"):
        lines(path)


@pytest.mark.parametrize("encoding", ["klingon", "base64", "", "utf\x008"])
def test_an_encoding_that_is_none(tmp_path, encoding):
    (tmp_path / "text").write_bytes(b"a")
    with pytest.raises(UserError, match="Expected `encoding` to be a name"):
        lines(tmp_path / "text", encoding)


def test_paths_that_are_no_files(tmp_path, monkeypatch):
    with pytest.raises(UserError, match="Expected a file. .*nowhere', which is not there"):
        lines(tmp_path / "nowhere")
    with pytest.raises(UserError, match="Expected a file. Received: .*, a folder"):
        lines(tmp_path)
    (tmp_path / "secret").write_bytes(b"a")

    def refuse(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(UserError, match="a file that can be read. .*secret' .Permission denied"):
        lines(tmp_path / "secret")


def test_bytes_of_packed_files_can_be_looked_at_twice(tmp_path):
    for content in (b"abc", gzip.compress(b"abc")):
        (tmp_path / "a").write_bytes(content)
        with open_bytes(tmp_path / "a") as file:
            assert file.peek(2)[:2] == b"ab"
            assert file.read() == b"abc"


def test_a_stream_has_lines_too():
    assert list(decoded_lines(io.BytesIO(b"a\r\nb"), "standard input")) == ["a\r\n", "b"]
    with pytest.raises(UserError, match="standard input, line 2: expected UTF-8"):
        list(decoded_lines(io.BytesIO(b"a\n\xff"), "standard input"))
