"""A tokenizer is saved and loaded by itself, with every option it has."""

import inspect
import json

import pytest

from kerasrnn import Tokenizer, Vocabulary

# For each option a value that is not its default.
OTHER = {"level": "word", "lowercase": True, "normalization": "nfc", "splitting": 1}


def test_no_option_is_forgotten(tmp_path):
    parameters = inspect.signature(Tokenizer).parameters
    assert set(parameters) == {"vocabulary", *OTHER}
    assert all(parameters[name].default != value for name, value in OTHER.items())
    tokenizer = Tokenizer(Vocabulary(["b", "a"], [5, 3]), **OTHER)
    assert tokenizer.get_config() == OTHER
    tokenizer.save(tmp_path, "words")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["words.json", "words.txt"]
    loaded = Tokenizer.load(tmp_path, "words")
    assert (loaded.get_config(), loaded.vocabulary.counts) == (tokenizer.get_config(), (5, 3))
    assert loaded.encode(["A b?"]).to_list() == tokenizer.encode(["A b?"]).to_list()


@pytest.mark.parametrize("name", OTHER)
def test_each_option_tells_tokenizers_apart(name):
    vocabulary = Vocabulary("ab")
    level = "character" if name == "level" else "word"
    other = Tokenizer(vocabulary, **{"level": level, name: OTHER[name]})
    plain = Tokenizer(vocabulary, level), Tokenizer(Vocabulary("ab"), level)
    assert other.key() != plain[0].key() == plain[1].key()
    json.dumps(other.key())


def test_what_is_not_there_is_said_or_told(tmp_path):
    Vocabulary(["b", "a"]).save(tmp_path / "vocabulary.txt")
    with pytest.raises(ValueError, match="Expected the options of a tokenizer in .*: no file"):
        Tokenizer.load(tmp_path)
    assert Tokenizer.load(tmp_path, level="word", lowercase=True).get_config() == {
        **Tokenizer(Vocabulary("a")).get_config(),
        "level": "word",
        "lowercase": True,
    }


@pytest.mark.parametrize("content", ["{", "[]", "3", '{"splitting": 2}', '{"level": "syllable"}'])
def test_a_broken_file_is_named(content, tmp_path):
    Tokenizer(Vocabulary("a")).save(tmp_path)
    (tmp_path / "vocabulary.json").write_text(content)
    with pytest.raises(ValueError, match="vocabulary.json: [Ee]xpected "):
        Tokenizer.load(tmp_path)
