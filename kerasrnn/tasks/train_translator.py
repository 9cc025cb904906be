"""Training a `Translator` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import itertools
import pathlib

import keras

from kerasrnn.datasets import (
    longest_target,
    pair_batches,
    pair_epochs,
    text_pairs,
    train_tokenizers,
    validate,
)
from kerasrnn.models import encoder_decoder
from kerasrnn.plotting import attention_heatmaps, can_show
from kerasrnn.tasks.files import write_beside
from kerasrnn.tasks.run_folder import check_output, last_epoch, restore_seeds
from kerasrnn.tasks.task import load
from kerasrnn.tasks.training import (
    check_resumable,
    check_training_options,
    fit_task,
    print_epochs,
    write_metrics,
)
from kerasrnn.tasks.translator import Translator
from kerasrnn.text import of_many_scripts

__all__ = ["train_translator"]

# Examples for the picture and for the check of an export come from the first ones of the test.
CHOSEN_FROM, LONGEST = 500, 48


def train_translator(*, output: str, resume: bool = False, **settings) -> Translator:
    """Trains, evaluates and draws a translator, and writes it all into one folder.

    Args:
        output: The folder of the run, new or empty unless `resume`.
        resume: Continue the run that is there, from the end of its last epoch.
        **settings: The options of `kerasrnn train translate`.

    Returns:
        The trained `Translator`.

    Raises:
        ValueError: For a wrong setting, before anything is written.
    """
    model_options, training_options = _checked(settings)
    folder = check_output(output, resume)
    check_resumable(folder, settings)
    keras.utils.set_random_seed(settings["seed"])
    splits = {
        split: text_pairs(settings["data"], split, settings["data_dir"])
        for split in ("train", "validation", "test")
    }
    done, saved = last_epoch(folder)
    if saved is None:
        translator = _new_translator(splits["train"], model_options, settings)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            translator.save_settings(folder)
        except OSError as error:
            raise ValueError(f"Expected an output folder that can be written. {error}") from None
    else:
        translator = load(folder, saved)
        restore_seeds(translator.model, saved)
    history = _fit(translator, splits, folder, done, training_options)
    print_epochs(history)
    _evaluate_and_draw(translator, splits["test"], folder, history)
    return translator


def _checked(settings: dict) -> tuple[dict, dict]:
    """Checks all settings; the model's by building a small one."""
    names = ("epochs", "batch_size", "learning_rate", "clipnorm")
    training_options = {name: settings[name] for name in names}
    check_training_options(**training_options)
    names = ("cell", "units", "num_layers", "bidirectional", "dropout", "embedding")
    model_options = {name: settings[name] for name in names}
    attention = settings["attention"]
    model_options["attention"] = None if attention == "none" else attention
    encoder_decoder(5, 5, **model_options)
    return model_options, {**training_options, "seed": settings["seed"]}


def _new_translator(train, model_options: dict, settings: dict) -> Translator:
    source, target = train_tokenizers(
        train,
        settings["level"],
        min_count=settings["min_count"],
        max_size=settings["max_vocabulary_size"],
    )
    model = encoder_decoder(len(source.vocabulary), len(target.vocabulary), **model_options)
    # An answer may be longer than all in training, but one that never ends is cut.
    max_length = longest_target(train, target) * 3 // 2
    return Translator(model, source, target, max_length, settings)


def _fit(translator: Translator, splits: dict, folder, done: int, options: dict) -> list[dict]:
    options = dict(options)
    tokenizers = translator.source, translator.target
    batch_size, seed = options.pop("batch_size"), options.pop("seed")
    batches, steps = pair_epochs(
        splits["train"], *tokenizers, batch_size, seed=seed, first_epoch=done
    )
    validation = pair_batches(splits["validation"], *tokenizers, batch_size)
    validate(translator.model, *next(iter(validation)))
    return fit_task(translator, batches, steps, validation, folder=folder, **options)


def _evaluate_and_draw(translator: Translator, test, folder: pathlib.Path, history) -> None:
    metrics = translator.evaluate(test)
    pairs = dict(
        tuple(text.decode("utf-8") for text in pair)
        for pair in itertools.islice(test.as_numpy_iterator(), CHOSEN_FROM)
    )
    short = [source for source in pairs if 0 < len(source) <= LONGEST]
    examples = {source: pairs[source] for source in of_many_scripts(short, 3)}
    write_metrics(folder, translator, history, metrics, examples)
    pictured = of_many_scripts(filter(can_show, short), 4)
    translations = translator.translate(pictured)
    if translations and translations[0].attention is not None:
        write_beside(folder / "attention.png", attention_heatmaps(translations).savefig)
    print(f"test: {', '.join(f'{name} {value:.6g}' for name, value in metrics.items())}")
