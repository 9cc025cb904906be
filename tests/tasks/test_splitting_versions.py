"""Tasks whose tokens are characters of scripts without spaces, and those of older runs."""

import json

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import LanguageModel, Tokenizer, Translator, Vocabulary
from kerasrnn.tasks.language_model.next_token_models import read_next_token_models

CHINESE = Vocabulary(["我", "爱", "北京", "京", "NLP", "是", "很", "中"])


def random_weights(model, seed=1):
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return model


def language_model(vocabulary, **options):
    model = kerasrnn.language_model(len(vocabulary), units=5, embedding=3)
    tokenizer = Tokenizer(vocabulary, "word", **options)
    return LanguageModel(random_weights(model), tokenizer, max_length=7)


@pytest.mark.parametrize("splitting", [1, 2])
def test_what_a_translator_writes_has_the_spaces_of_its_script(splitting, tmp_path):
    tokenizer = Tokenizer(CHINESE, "word", splitting=splitting)
    model = kerasrnn.encoder_decoder(len(CHINESE), len(CHINESE), units=5, embedding=3)
    task = Translator(random_weights(model), tokenizer, tokenizer, max_length=7)
    texts = ["我爱北京", "京 NLP", "", "我。"]
    answers = task.predict(texts)
    served = tf.saved_model.load(str(task.export(tmp_path))).signatures["serving_default"]
    found = served(text=tf.constant(texts))
    assert [text.decode() for text in found["text"].numpy()] == answers
    tokens = [[token for token in row if token] for row in found["target_tokens"].numpy().tolist()]
    spoken = [[token for token in row if token != b"<end>"] for row in tokens]
    assert any(len(row) > 1 for row in spoken)
    for row, answer in zip(spoken, answers, strict=True):
        text = b" ".join(row).decode()
        if splitting == 1:
            expected = text
        else:  # two words of Latin letters are all that a space may stand between
            expected = text.replace("NLP NLP", "NLP_NLP").replace("NLP NLP", "NLP_NLP")
            expected = expected.replace(" ", "").replace("￭", "").replace("_", " ")
            expected = expected.replace("▁", " ")
        assert answer == expected
    notes = json.loads(next(tmp_path.rglob("kerasrnn.json")).read_text())
    assert notes["splitting"] == splitting


def test_a_language_model_goes_on_without_a_space(tmp_path):
    task = language_model(Vocabulary(["我", "爱", "京"]))
    for before, behind in zip(["我", "我爱"], task.predict(["我", "我爱"]), strict=True):
        assert behind and set(behind) <= set("我爱京") and " " not in before + behind
    assert " " in language_model(Vocabulary(["我", "爱", "京"]), splitting=1).predict(["我"])[0]


def test_a_folder_without_a_version_is_read_by_the_first(tmp_path):
    task = language_model(CHINESE, splitting=1)
    task.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    del config["files"], config["seal"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    saved = json.loads((tmp_path / "vocabulary.json").read_text())
    assert saved.pop("splitting") == 1
    (tmp_path / "vocabulary.json").write_text(json.dumps(saved))
    loaded = kerasrnn.load(tmp_path)
    assert loaded.tokenizer.key() == task.tokenizer.key()
    texts = ["我 北京", "我爱北京"]
    assert loaded.score(texts, ["。", ""]) == task.score(texts, ["。", ""])
    assert loaded.score(texts, ["。", ""]) != language_model(CHINESE).score(texts, ["。", ""])


def test_versions_are_mixed_where_the_vocabulary_does_not_tell_them_apart(tmp_path):
    for name, vocabulary in {"en": Vocabulary(["so", "it"]), "zh": CHINESE}.items():
        paths = []
        for splitting in (1, 2):
            paths.append(tmp_path / f"{name}{splitting}")
            language_model(vocabulary, splitting=splitting).save(paths[-1])
        if name == "en":
            models, tokenizer = read_next_token_models(paths)
            assert len(models) == 2 and tokenizer.splitting == 2
        else:
            assert read_next_token_models(paths[:1])[1].splitting == 1
            with pytest.raises(ValueError, match="the same way.*splitting 1.*splitting 2"):
                read_next_token_models(paths)


def test_normal_forms_are_not_mixed_with_another_one(tmp_path):
    """Where only none was compared, any two forms counted as one."""
    paths = [tmp_path / "a", tmp_path / "b", tmp_path / "none"]
    for path, form in zip(paths, ("nfc", "nfc_width", "none"), strict=True):
        language_model(Vocabulary(["so", "it"]), normalization=form).save(path)
    assert read_next_token_models(paths[1:])[1].normalization == "nfc_width"
    with pytest.raises(ValueError, match="the same way"):
        read_next_token_models(paths)
