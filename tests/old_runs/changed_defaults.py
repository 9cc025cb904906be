"""Which defaults of the command line are others than those of format 1, and why."""

# Old options whose default was changed on purpose, as (command, option): today's default. Runs
# record their options, so that it changes none that was begun before.
CHANGED: dict[tuple[str, str], object] = {
    # Test of a data set and of the run's own file, all of any other file, see `evaluate --help`.
    ("evaluate", "--split"): None,
    # Chosen by what they are worth on sets of several sizes, see benchmarks/defaults.md. `None` is
    # chosen by the size of the data.
    **dict.fromkeys(
        [
            (f"train {task}", f"--{option}")
            for task in ("classify", "tag", "translate")
            for option in ("batch-size", "epochs")
        ]
    ),
    # That of the word vectors, where there are some.
    ("train caption", "--embedding"): None,
    ("train classify", "--lowercase"): True,
    ("train classify", "--cell"): "gru",
    ("train classify", "--units"): None,
    ("train classify", "--dropout"): 0.5,
    ("train classify", "--embedding"): None,
    ("train classify", "--word-dropout"): None,
    ("train classify", "--label-smoothing"): 0.1,
    ("train classify", "--learning-rate"): 0.002,
    # One half with one label, chosen with several.
    ("train classify", "--threshold"): None,
    ("train tag", "--lowercase"): True,
    ("train tag", "--character-filters"): 100,
    ("train tag", "--dropout"): 0.5,
    ("train tag", "--embedding"): None,
    ("train tag", "--word-dropout"): 0.1,
    ("train tag", "--label-smoothing"): None,
    ("train tag", "--output-layer"): None,
    ("train translate", "--level"): None,
    ("train translate", "--units"): None,
    ("train translate", "--embedding"): None,
    ("train translate", "--dropout"): 0.2,
    ("train translate", "--label-smoothing"): None,
}
