"""One function for each `kerasrnn train TASK`; its signature is the command line.

What is heavy to import is imported inside, so that `--help` and a mistyped word answer at once.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Annotated, Literal

from cyclopts import Parameter

from kerasrnn.cli.memory import keep_freed_memory
from kerasrnn.cli.quiet import quiet_stderr
from kerasrnn.cli.training_options import (
    BatchOptions,
    BatchParameter,
    FileOptions,
    FileParameter,
    FitOptions,
    FitParameter,
    flat_options,
)
from kerasrnn.files import check_data, check_encoding, check_file, check_output
from kerasrnn.option_ranges import check_options

__all__ = [
    "train_caption",
    "train_classify",
    "train_forecast",
    "train_frames",
    "train_language_model",
    "train_tag",
    "train_translate",
]

FIT, BATCHES, FILES = FitOptions(), BatchOptions(), FileOptions()
# Several after the option, or the option several times.
Names = Annotated[list[str] | None, Parameter(consume_multiple=True)]


def train_caption(
    *,
    config: str | None = None,
    data: str,
    output: str,
    data_dir: str | None = None,
    features: str | None = None,
    level: Literal["character", "word", "subword", "whitespace"] = "word",
    min_count: int = 1,
    max_vocabulary_size: int | None = None,
    normalization: Literal["none", "nfc"] = "nfc",
    cell: Literal["simple_rnn", "lstm", "gru", "elman"] = "gru",
    units: int = 128,
    num_layers: int = 1,
    dropout: float = 0.0,
    attention: Literal["none", "dot", "scaled_dot", "general", "additive"] = "additive",
    input_feeding: bool = False,
    embedding: int = 64,
    epochs: int = 10,
    batch_size: int = 64,
    batches: BatchParameter = BATCHES,
    files: FileParameter = FILES,
    fit: FitParameter = FIT,
) -> None:
    """Train a one-to-many model that writes a text about an image.

    Args:
        config: YAML file with any of these options, or the name of a recipe; the command line wins
            over it.
        data: `digits`, a tensorflow-datasets name of images with a text each, a .tsv file (the path
            of an image, a tab and a text on each line), a .csv or .jsonl file (columns image and
            text), or a folder with such a file for each split. Of each twenty rows of a file the
            19th is for validation and the 20th for test; likewise of the training file of a folder
            that has no file for one of these.
        output: Folder of the run, which gets model, vocabulary, metrics and pictures.
        data_dir: Folder of prepared tensorflow-datasets.
        features: Which features of the data set or columns of the file are meant, such as
            image=file,text=caption; found by their kinds and usual names by default.
        level: What a token is; subword, pieces of words learned from the training split, takes
            `pip install "kerasrnn[subwords]"` for the training alone.
        min_count: Tokens that occur less often in training become one unknown token.
        max_vocabulary_size: The greatest number of ids; of subwords 8,000 by default.
        normalization: nfc reads a letter and its mark as one character where there is one, so that
            texts that look alike are alike; none reads texts as they are.
        cell: Recurrent cell.
        units: Units of each decoder layer.
        num_layers: Layers of the decoder.
        dropout: Share of the inputs of each layer that is dropped.
        attention: Score of the attention over the places of the image.
        input_feeding: Whether each step reads the attention vector of the step before.
        embedding: Size of the token vectors.
        epochs: The greatest number of epochs; training ends sooner when it no longer helps.
        batch_size: Images in a batch.
    """
    _run("caption", "caption.job.CaptionJob", locals())


def train_classify(
    *,
    config: str | None = None,
    data: str,
    output: str,
    data_dir: str | None = None,
    features: str | None = None,
    bad_rows: Literal["refuse", "skip", "keep"] = "refuse",
    level: Literal["character", "word", "subword", "whitespace"] = "word",
    lowercase: bool = False,
    min_count: int = 2,
    max_vocabulary_size: int | None = None,
    normalization: Literal["none", "nfc"] = "nfc",
    max_length: int | None = None,
    cell: Literal["simple_rnn", "lstm", "gru", "elman"] = "lstm",
    units: int = 64,
    num_layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.2,
    pooling: Literal["last", "mean", "max", "attention"] = "attention",
    segment_length: int | None = None,
    embedding: int = 64,
    word_dropout: float = 0.0,
    label_smoothing: float = 0.0,
    class_weights: str | None = None,
    epochs: int = 10,
    batch_size: int = 64,
    cache: str | None = None,
    batches: BatchParameter = BATCHES,
    files: FileParameter = FILES,
    fit: FitParameter = FIT,
) -> None:
    """Train a many-to-one model that names the class of a text, or of an image.

    An image is read row by row from the top; what says something of tokens means nothing there.

    Args:
        config: YAML file with any of these options, or the name of a recipe; the command line wins
            over it.
        data: `languages`, a tensorflow-datasets name of texts or images with a class each, a .tsv
            file (a text or the path of an image, a tab and a label on each line), a .csv or .jsonl
            file (columns text or image, and label; so may a .tsv file name them in its first line),
            or a folder with such a file for each split. Of each twenty rows of a file the 19th is
            for validation and the 20th for test; likewise of the training file of a folder that has
            no file for one of these.
        output: Folder of the run, which gets model, vocabulary, metrics and pictures.
        data_dir: Folder of prepared tensorflow-datasets.
        features: Which features of the data set or columns of the file are meant, such as
            text=title+body,label=stars or image=file,label=digit, or numbers of columns from 1
            where a file has no header; a name with commas or plus signs stands between double
            quotes. Found by their kinds and usual names by default.
        bad_rows: What is done with a row of a file whose label is missing, that is empty, NaN,
            None or null: refuse names the first one, skip leaves them out and counts them, keep
            takes what each cell holds, blanks included, for a label.
        level: What a token is; subword, pieces of words learned from the training split, takes
            `pip install "kerasrnn[subwords]"` for the training alone.
        lowercase: Whether capital letters are read as small ones.
        min_count: Tokens that occur less often in training become one unknown token.
        max_vocabulary_size: The greatest number of ids; of subwords 8,000 by default.
        normalization: nfc reads a letter and its mark as one character where there is one, so that
            texts that look alike are alike; none reads texts as they are.
        max_length: The greatest number of tokens of a text; the first ones stay.
        cell: Recurrent cell.
        units: Units of each layer and direction.
        num_layers: Recurrent layers.
        bidirectional: Whether each layer also reads from the end.
        dropout: Share of the inputs of each layer that is dropped.
        pooling: What sums up the sequence.
        segment_length: For long texts: so many tokens are read at a time, all segments of a text
            side by side, which is quicker; not with the pooling last.
        embedding: Size of the token vectors.
        word_dropout: Share of the tokens read in training that become the unknown one.
        label_smoothing: Share of each label that all classes get alike.
        class_weights: balanced, for rare labels to weigh as much as frequent ones together, or
            weights such as yes=3,no=1.
        epochs: The greatest number of epochs; training ends sooner when it no longer helps.
        batch_size: Texts in a batch.
        cache: Folder to keep the encoded examples in, from which the next run reads them.
    """
    _run("classify", "classify.job.classification_job", locals())


def train_forecast(
    *,
    config: str | None = None,
    data: str,
    output: str,
    window: int = 24,
    horizon: int = 1,
    columns: Names = None,
    target: Names = None,
    header: bool | None = None,
    offset: Literal["last", "mean"] = "last",
    cell: Literal["simple_rnn", "lstm", "gru", "elman"] = "lstm",
    units: int = 64,
    num_layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    pooling: Literal["last", "mean", "max", "attention"] = "last",
    epochs: int = 20,
    batch_size: int = 64,
    files: FileParameter = FILES,
    fit: FitParameter = FIT,
) -> None:
    """Train a many-to-one model that forecasts the numbers that follow a window of a series.

    The first 80 % of the rows train, the next 10 % validate, the last 10 % test.

    Args:
        config: YAML file with any of these options, or the name of a recipe; the command line wins
            over it.
        data: A .csv file (commas, semicolons or tabs between the cells), .tsv or .jsonl, a row for
            each step of time. Numbers are such as 12, -0.5 or 1e-3; where no commas separate the
            cells, 0,5 too. A column of dates names the rows.
        output: Folder of the run, which gets model, metrics and pictures.
        window: Number of rows that the model reads.
        horizon: Number of rows that it forecasts.
        columns: Names of the columns to read, such as --columns level moon. By default all but
            those of something else than numbers.
        target: Names of the columns to forecast. The last column that is read by default.
        header: Whether the first row has the names of the columns, which may be numbers. By
            default it has where none of its cells is a number; without names they are 1, 2, …
        offset: What is taken off each window and added to its forecast: its own last row, or the
            mean of the training rows.
        cell: Recurrent cell.
        units: Units of each layer and direction.
        num_layers: Recurrent layers.
        bidirectional: Whether each layer also reads from the end.
        dropout: Share of the inputs of each layer that is dropped.
        pooling: What sums up the window.
        epochs: The greatest number of epochs; training ends sooner when it no longer helps.
        batch_size: Windows in a batch.
    """
    _run("forecast", "forecast.job.ForecastJob", locals())


def train_frames(
    *,
    config: str | None = None,
    data: str,
    output: str,
    data_dir: str | None = None,
    features: str | None = None,
    cell: Literal["simple_rnn", "lstm", "gru", "elman"] = "lstm",
    units: int = 64,
    num_layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.0,
    epochs: int = 10,
    batch_size: int = 32,
    fit: FitParameter = FIT,
) -> None:
    """Train a many-to-many model that labels each frame of a film.

    Args:
        config: YAML file with any of these options, or the name of a recipe; the command line wins
            over it.
        data: `moving_digits`, or a tensorflow-datasets name of films with a class for each frame.
        output: Folder of the run, which gets model, labels, metrics and pictures.
        data_dir: Folder of prepared tensorflow-datasets.
        features: Which features of the data set or columns of the file are meant, such as
            frames=video,tags=classes; found by their kinds and usual names by default.
        cell: Recurrent cell.
        units: Units of each layer and direction.
        num_layers: Recurrent layers.
        bidirectional: Whether each layer also reads from the end.
        dropout: Share of the inputs of each layer that is dropped.
        epochs: The greatest number of epochs; training ends sooner when it no longer helps.
        batch_size: Films in a batch.
    """
    _run("frames", "frames.job.FrameJob", locals())


def train_language_model(
    *,
    config: str | None = None,
    data: str,
    output: str,
    validation_data: str | None = None,
    test_data: str | None = None,
    data_dir: str | None = None,
    features: str | None = None,
    whole_file: bool = False,
    level: Literal["character", "word", "subword", "whitespace"] = "word",
    min_count: int = 2,
    max_vocabulary_size: int | None = None,
    normalization: Literal["none", "nfc"] = "nfc",
    context: Literal["sentence", "stream"] = "stream",
    model: Literal["recurrent", "fixed_window", "mean_window"] = "recurrent",
    cell: Literal["simple_rnn", "lstm", "gru", "elman"] = "lstm",
    units: int = 256,
    num_layers: int = 1,
    dropout: float = 0.0,
    variational: bool = False,
    window: int = 4,
    embedding: int | None = None,
    output_layer: Literal["full", "tied", "class", "adaptive", "tied_adaptive"] = "full",
    length: int = 50,
    max_length: int = 200,
    word_dropout: float = 0.0,
    epochs: int = 10,
    batch_size: int = 64,
    optimizer: Literal["adam", "sgd"] = "adam",
    cache: str | None = None,
    batches: BatchParameter = BATCHES,
    files: FileParameter = FILES,
    fit: FitParameter = FIT,
) -> None:
    """Train a model that predicts the next character or word of a text.

    Args:
        config: YAML file with any of these options, or the name of a recipe; the command line wins
            over it.
        data: `python_docs`, a tensorflow-datasets name of texts, a .txt, .csv or .jsonl file, or a
            folder with a train.txt, a validation.txt and a test.txt. Of each twenty lines of a file
            the 19th is for validation and the 20th for test, with --whole-file its last tenth in
            order; likewise of the training file of a folder that has no file for one of these.
        output: Folder of the run, which gets model, vocabulary, metrics and pictures.
        validation_data: A .txt file for validation; all of the file of --data is trained on then.
        test_data: A .txt file for test, beside one for validation; that one by default.
        data_dir: Folder of prepared tensorflow-datasets.
        features: Which features of the data set or columns of the file are meant, such as
            text=body; found by their kinds and usual names by default.
        whole_file: Whether a file is one running text; otherwise each line is a text.
        level: What a token is; subword, pieces of words learned from the training split, takes
            `pip install "kerasrnn[subwords]"` for the training alone.
        min_count: Tokens that occur less often in training become one unknown token.
        max_vocabulary_size: The greatest number of ids; of subwords 8,000 by default.
        normalization: nfc reads a letter and its mark as one character where there is one, so that
            texts that look alike are alike; none reads texts as they are.
        context: What the model knows where a text begins: nothing (sentence), or the texts before
            (stream).
        model: A recurrent one, or what it is compared with: the last tokens only, in their order
            or their mean.
        cell: Recurrent cell; elman is the network of the RNNLM paper.
        units: Units of each layer.
        num_layers: Recurrent layers.
        dropout: Share of the inputs of each layer that is dropped.
        variational: Whether one draw of the dropout holds for all steps.
        window: Number of tokens that a model of the last tokens sees.
        embedding: Size of the token vectors; that of the units by default.
        output_layer: The softmax: full, with the token vectors as its weights (tied), or one of
            those that cost less for a large vocabulary.
        length: Tokens that the gradient runs back; a longer sentence is cut.
        max_length: The greatest number of tokens of a continuation.
        word_dropout: Share of the tokens read in training that become the unknown one.
        epochs: The greatest number of epochs; training ends sooner when it no longer helps.
        batch_size: Rows in a batch.
        cache: Folder to keep the encoded examples in, from which the next run reads them.
        optimizer: What changes the weights.
    """
    _run("language-model", "language_model.job.LanguageModelJob", locals())


def train_tag(
    *,
    config: str | None = None,
    data: str,
    output: str,
    data_dir: str | None = None,
    features: str | None = None,
    scheme: Literal["auto", "iob1", "iob2", "bioes", "biluo", "bmes", "none"] = "auto",
    min_count: int = 2,
    max_vocabulary_size: int | None = None,
    normalization: Literal["none", "nfc"] = "nfc",
    lowercase: bool = False,
    max_length: int | None = None,
    characters: bool = True,
    character_filters: int = 30,
    character_width: int = 3,
    cell: Literal["simple_rnn", "lstm", "gru", "elman"] = "lstm",
    units: int = 100,
    num_layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.3,
    embedding: int = 64,
    vectors: str | None = None,
    output_layer: Literal["softmax", "crf"] = "softmax",
    word_dropout: float = 0.0,
    label_smoothing: float = 0.0,
    class_weights: str | None = None,
    epochs: int = 10,
    batch_size: int = 64,
    cache: str | None = None,
    batches: BatchParameter = BATCHES,
    files: FileParameter = FILES,
    fit: FitParameter = FIT,
) -> None:
    """Train a many-to-many model that labels each token of a sentence.

    Args:
        config: YAML file with any of these options, or the name of a recipe; the command line wins
            over it.
        data: `python_tokens`, a tensorflow-datasets name of tokens with a class each, a .tsv,
            .conll or .txt file (a token, a tab or a space, and a label on each line, an empty line
            between sentences), a .conllu or .jsonl file, or a folder with such a file for each
            split. Of each twenty sentences of a file the 19th is for validation and the 20th for
            test; likewise of the training file of a folder that has no file for one of these.
        output: Folder of the run, which gets model, vocabularies, metrics and pictures.
        data_dir: Folder of prepared tensorflow-datasets.
        features: Which features of the data set or columns of the file are meant, such as
            tokens=tokens,tags=upos, or tokens=1,tags=4 for columns by number; found by their
            kinds, usual names or places by default.
        scheme: How labels mark entities; auto finds it out. IOB1 becomes IOB2, BILUO and BMES
            become BIOES; labels that break the rules are repaired as the evaluation script of
            CoNLL reads them, and counted. none takes labels as they are.
        min_count: Tokens, and characters, that occur less often in training become one unknown.
        max_vocabulary_size: The greatest number of ids of tokens.
        normalization: nfc reads a letter and its mark as one character where there is one, so that
            texts that look alike are alike; none reads texts as they are.
        lowercase: Whether tokens are looked up in small letters; their characters keep their case.
        max_length: Longer sentences, in tokens, are left out of the training.
        characters: Whether the letters of each token are read too.
        character_filters: Features of each token's letters; without pretrained vectors a hundred
            or more tell more.
        character_width: How many letters each of them sees at a time.
        cell: Recurrent cell.
        units: Units of each layer and direction.
        num_layers: Recurrent layers.
        bidirectional: Whether each layer also reads from the end.
        dropout: Share of the inputs of each layer that is dropped.
        embedding: Size of the token vectors, where `vectors` does not tell it.
        vectors: File of word vectors that the training starts from, in the format of word2vec,
            GloVe or fastText.
        output_layer: `crf` for a conditional random field, which weighs whole sequences of labels
            and, where labels are such as B-PER, keeps to those that mark entities.
        word_dropout: Share of the tokens read in training that become the unknown one.
        label_smoothing: Share of each label that all classes get alike.
        class_weights: balanced, for rare labels to weigh as much as frequent ones together, or
            weights such as yes=3,no=1.
        epochs: The greatest number of epochs; training ends sooner when it no longer helps.
        batch_size: Sentences in a batch.
        cache: Folder to keep the encoded examples in, from which the next run reads them.
    """
    _run("tag", "tag.job.TaggingJob", locals())


def train_translate(
    *,
    config: str | None = None,
    data: str,
    output: str,
    data_dir: str | None = None,
    features: str | None = None,
    turns: int | None = None,
    level: Literal["character", "word", "subword", "whitespace"] = "character",
    min_count: int = 1,
    max_vocabulary_size: int | None = None,
    normalization: Literal["none", "nfc"] = "nfc",
    cell: Literal["simple_rnn", "lstm", "gru"] = "gru",
    units: int = 64,
    num_layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.0,
    attention: Literal["none", "dot", "scaled_dot", "general", "additive"] = "dot",
    input_feeding: bool = False,
    embedding: int = 64,
    share_embeddings: bool = False,
    tie_output: bool = False,
    word_dropout: float = 0.0,
    label_smoothing: float = 0.0,
    epochs: int = 10,
    batch_size: int = 64,
    cache: str | None = None,
    batches: BatchParameter = BATCHES,
    files: FileParameter = FILES,
    fit: FitParameter = FIT,
) -> None:
    """Train an encoder-decoder that turns a text into another one.

    Args:
        config: YAML file with any of these options, or the name of a recipe; the command line wins
            over it.
        data: `dates`, a tensorflow-datasets name of text pairs, a .tsv file (a source, a tab and a
            target on each line), a .csv or .jsonl file, two files of the same lines with a comma
            between them (train.en,train.de), or a folder with such files for each split. Of each
            twenty rows of a file the 19th is for validation and the 20th for test; likewise of the
            training file of a folder that has no file for one of these.
        output: Folder of the run, which gets model, vocabularies, metrics and pictures.
        data_dir: Folder of prepared tensorflow-datasets.
        features: Which features of the data set or columns of the file are meant, such as
            source=en,target=de; found by their kinds and usual names by default.
        turns: For dialogues: the source is this many of the last turns. The file holds a turn, a
            tab and the answer on each line, and an empty line between dialogues.
        level: What a token is; subword, pieces of words learned from the training split, takes
            `pip install "kerasrnn[subwords]"` for the training alone.
        min_count: Tokens that occur less often in training become one unknown token.
        max_vocabulary_size: The greatest number of ids of either side; of subwords 8,000 by
            default.
        normalization: nfc reads a letter and its mark as one character where there is one, so that
            texts that look alike are alike; none reads texts as they are.
        cell: Recurrent cell.
        units: Units of each encoder layer and direction.
        num_layers: Layers of the encoder and of the decoder.
        bidirectional: Whether the encoder also reads from the end.
        dropout: Share of the inputs of each layer that is dropped.
        attention: Score of the attention over all encoder states.
        input_feeding: Whether each step also reads what the step before attended to; slower.
        embedding: Size of the token vectors.
        share_embeddings: Whether source and target have one vocabulary and the same token vectors.
        tie_output: Whether the target vectors are the weights of the output layer too.
        word_dropout: Share of the tokens read in training that become the unknown one.
        label_smoothing: Share of each label that all classes get alike.
        epochs: The greatest number of epochs; training ends sooner when it no longer helps.
        batch_size: Pairs in a batch.
        cache: Folder to keep the encoded examples in, from which the next run reads them.
    """
    _run("translate", "translate.job.TranslationJob", locals())


def _run(task: str, job: str, options: Mapping) -> None:
    """Runs a job of `kerasrnn.tasks`, named as `module.what_makes_it`, with its options."""
    options = {name: value for name, value in flat_options(options).items() if name != "config"}
    output, resume = options.pop("output"), options.pop("resume")
    tensorboard, dry = options.pop("tensorboard"), options.pop("dry_run")
    check_options(options)
    _check_paths(options)
    if not dry:
        check_output(output, resume)
    what = "dry run, for which a data set may be downloaded" if dry else f"output {output}"
    print(f"{task}: data {options['data']}, {what}", flush=True)
    keep_freed_memory()
    module, name = job.rsplit(".", 1)
    with quiet_stderr():
        import tensorflow_datasets

        from kerasrnn.datasets import notes_to

        new_job = getattr(importlib.import_module(f"kerasrnn.tasks.{module}"), name)
    if not sys.stderr.isatty():  # in a file, its bars are pages of fragments
        tensorflow_datasets.disable_progress_bar()
    with notes_to(sys.stdout):
        job = new_job(options)
        if dry:
            from kerasrnn.tasks.dry_run import dry_run

            dry_run(job)
            return
        job.run(output, resume, tensorboard=tensorboard)
    print(f"{output} holds the model, its vocabularies and settings, metrics.json, history.csv")
    print("and pictures.")
    print(f"Next: kerasrnn predict {output}   or   kerasrnn export {output} saved_models/NAME")


def _check_paths(options: Mapping) -> None:
    """Raises a `UserError` for a path that is not there, before anything heavy is imported."""
    check_encoding(options.get("encoding", "utf-8"))
    for name in ("data", "validation_data", "test_data"):
        if options.get(name) is not None:
            check_data(options[name])
    if options.get("vectors") is not None:
        check_file(options["vectors"])
