# make train: the embedded job, end to end.  make test: the suite without its slowest tests.
# make package: dist/ with what `pip install` takes.  make docs: the site, in docs/_build/html.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := requirements/constraints.txt
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS)

.PHONY: train test test-slow test-zero-rows lint notebooks notebooks-full docs package results
.PHONY: multi-label regress test-oldest test-nightly compare clean serving-load memory profile dtype bench bench-quality
.PHONY: sharded-prediction workers compare-pairs own-data
.PHONY: pretrained-vectors

train: $(VENV)/.user
	$(BIN)/kerasrnn train translate --config dates --output runs/dates --resume
	$(BIN)/kerasrnn export runs/dates saved_models/dates

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow" $(PYTEST_OPTIONS)

# Every export in full, other backends, other processes, resumed runs: what takes longest.
test-slow: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow $(PYTEST_OPTIONS)

# `make test` on the oldest versions that setup.cfg allows (Python 3.11), in .venv-oldest; and on the
# next version of Keras, in .venv-nightly, fetched anew each time. docs/versions.md has the results.
test-oldest:
	$(MAKE) test VENV=.venv-oldest CONSTRAINTS=.ci/oldest.txt
test-nightly:
	$(MAKE) .venv-nightly/.test VENV=.venv-nightly
	.venv-nightly/bin/python -m pip uninstall --quiet --yes keras keras-nightly
	.venv-nightly/bin/python -m pip install --quiet --pre --no-deps --no-cache-dir keras-nightly
	$(MAKE) test VENV=.venv-nightly

# No rows through every layer, factory, view and signature, with the kernels of either kind of
# processor (four minutes each); it writes nothing.
test-zero-rows: $(VENV)/.test
	TF_ENABLE_ONEDNN_OPTS=1 $(BIN)/python tests/zero_rows/run.py
	TF_ENABLE_ONEDNN_OPTS=0 $(BIN)/python tests/zero_rows/run.py

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python

# Runs the short form of every notebook; fails where a cell does. `make notebooks-full` runs them as
# they are and keeps the outputs, one after another; `make notebooks-full NAMES="03 05"` some alone.
notebooks: $(VENV)/.notebooks
	$(BIN)/python notebooks/run.py --quick --jobs 2 $(NAMES)

notebooks-full: $(VENV)/.notebooks
	$(BIN)/python notebooks/run.py --save $(NAMES)

# The documentation site: a warning, such as of a link that leads nowhere, is an error.
docs: $(VENV)/.docs
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m sphinx -W --keep-going -n -q \
		-d docs/_build/doctrees docs docs/_build/html

# The wheel and the source archive, once the test has installed such ones and run an example.
package: $(VENV)/.test
	$(BIN)/python -m pytest $(PYTEST_OPTIONS) tests/test_distribution.py
	rm -rf build dist
	$(BIN)/python -m build --no-isolation

# Trains the embedded jobs (a quarter of an hour) and writes their table, benchmarks/embedded.md.
results: $(VENV)/.user
	$(BIN)/python benchmarks/results.py

# Where a training of each embedded recipe spends its time (five minutes); writes benchmarks/profile.md.
profile: $(VENV)/.user
	taskset -c 0 $(BIN)/python benchmarks/profile_recipes.py

# A word model in float32 and in 16 bits (two minutes); writes benchmarks/dtype.md.
dtype: $(VENV)/.user
	$(BIN)/python benchmarks/dtype.py

# Several labels a text, and numbers about a text, on real sentences (a quarter of an hour each); they
# write benchmarks/multi_label.md and benchmarks/regress.md. DATA is a folder of prepared tensorflow-datasets.
multi-label: $(VENV)/.bench
	$(BIN)/python benchmarks/multi_label.py $(DATA)

regress: $(VENV)/.bench
	$(BIN)/python benchmarks/regress.py $(DATA)

# What the order of words is worth to a language model, and word vectors beside gensim's (a quarter of an
# hour each); they write benchmarks/word_order.md and word_vectors.md. DATA is a folder of ptb.*.txt,
# UD one of prepared tensorflow-datasets.
word-order: $(VENV)/.user
	$(BIN)/python benchmarks/word_order.py $(DATA)

word-vectors: $(VENV)/.user
	$(BIN)/python benchmarks/word_vectors.py $(DATA) $(UD)

# What word vectors of unlabelled reviews are worth to a thousand labelled sentences (a quarter of an
# hour); writes benchmarks/pretrained_vectors.md. DATA as above; ONLY=glue/sst2 for one set.
pretrained-vectors: $(VENV)/.test
	$(BIN)/python benchmarks/pretrained_vectors.py $(DATA) $(if $(ONLY),--only $(ONLY))

# A million short texts by one process and by shards (a quarter of an hour on two cores); writes
# benchmarks/sharded_prediction.md.
sharded-prediction: $(VENV)/.user
	$(BIN)/python benchmarks/sharded_prediction.py

# Vectors and videos that are written into files first (a quarter of an hour of a core); DATA is a
# folder with `tfds` and `data`. Writes benchmarks/own_data.md.
own-data: $(VENV)/.user
	$(BIN)/python benchmarks/own_data.py $(DATA)

# Two workers of a core each beside one; it takes ten minutes, on a machine that does nothing else.
workers: $(VENV)/.test
	PYTHONPATH=. $(BIN)/python benchmarks/workers.py

# How long 64 clients of the server wait beside others that do their worst (a minute);
# saved_models/dates is there after `make train`.
serving-load: $(VENV)/.user
	$(BIN)/python benchmarks/serving_load.py saved_models/dates

# Two hours of training and two of serving; writes benchmarks/memory.md.
MINUTES = 120
memory: $(VENV)/.user
	$(BIN)/python benchmarks/memory.py --minutes $(MINUTES)

# This package beside stock Keras, Keras on JAX and PyTorch, in turns; writes benchmarks/bench.md and
# bench.png. `make bench ONLY="recurrence padding"` measures some groups anew and keeps the others;
# DATA is a folder with `tfds`, prepared tensorflow-datasets, and `data`, with `multi30k` and `ptb`.
bench: $(VENV)/.bench
	cd benchmarks && ../$(BIN)/python -m bench $(ONLY) $(if $(DATA),--data $(abspath $(DATA))) $(BENCH_OPTIONS)

# How long each cell takes until a recipe is good enough: hours. It goes on where it was cut off;
# `make bench-quality DATA=folder ONLY="dates gru"` does some rows. Writes benchmarks/bench_quality.md.
bench-quality: $(VENV)/.bench
	cd benchmarks && ../$(BIN)/python -m bench.quality $(abspath $(DATA)) $(if $(ONLY),--only $(ONLY))

# Pairs of texts by one encoder, glued into one, and by words alone (ten minutes); SCAN is a folder of its
# commands, which are measured too. Writes benchmarks/compare.md.
compare-pairs: $(VENV)/.user
	$(BIN)/python benchmarks/compare.py $(if $(SCAN),--scan $(abspath $(SCAN))) $(if $(ONLY),--only $(ONLY))

# Whether two commits train the same weights, in minutes: `make compare OLD=main~1 NEW=main`, or of
# some jobs alone and with an option for the newer one, `JOBS="dates series" SET=units=64`, and of the
# recipes of real data too, `DATA=shared`.
compare: $(VENV)/.user
	$(BIN)/python benchmarks/compare_commits.py $(OLD) $(NEW) \
		$(if $(JOBS),--jobs $(JOBS)) $(SET:%=--set %) $(if $(DATA),--shared $(DATA))

# The rows of the Penn Treebank table, `make ptb-NAME` and, of a recurrent one, `make
# ptb-dynamic-NAME` for each recipe, then `make ptb-table`;
# DATA is a folder with ptb.train.txt, ptb.valid.txt and ptb.test.txt.
PTB_ROWS := $(basename $(notdir $(wildcard kerasrnn/recipes/penn_treebank/*.yaml)))
.PHONY: ptb-table $(PTB_ROWS:%=ptb-%) $(PTB_ROWS:%=ptb-dynamic-%)
$(PTB_ROWS:%=ptb-%): ptb-%: $(VENV)/.user
	$(BIN)/python benchmarks/penn_treebank.py train $* $(DATA)
$(PTB_ROWS:%=ptb-dynamic-%): ptb-dynamic-%: $(VENV)/.user
	$(BIN)/python benchmarks/penn_treebank.py dynamic $* $(DATA)
ptb-table: $(VENV)/.user
	$(BIN)/python benchmarks/penn_treebank.py table $(DATA)

# The rows of the table of real data, `make quality-NAME` for each recipe, then `make quality-table`;
# DATA is a folder of prepared tensorflow-datasets, for multi30k one with its files; SEED=1 too.
SEED ?= 1
QUALITY_ROWS := $(filter-out etth1,$(basename $(notdir $(wildcard kerasrnn/recipes/quality/*.yaml))))
.PHONY: quality-table quality-lengths $(QUALITY_ROWS:%=quality-%)
$(QUALITY_ROWS:%=quality-%): quality-%: $(VENV)/.user
	$(BIN)/python benchmarks/quality.py train $* $(DATA) --seed $(SEED)
quality-lengths: $(VENV)/.user
	$(BIN)/python benchmarks/quality.py lengths $(DATA)
quality-table: $(VENV)/.user
	$(BIN)/python benchmarks/quality.py table
# Forecasts of ETTh1 beside those of SegRNN's authors, and intervals (an hour); DATA is ETTh1.csv.
ETTH1_ROWS := 96 192 336 720 columns interval direct recursive
.PHONY: quality-etth1 $(ETTH1_ROWS:%=quality-etth1-%)
$(ETTH1_ROWS:%=quality-etth1-%): quality-etth1-%: $(VENV)/.user
	$(BIN)/python benchmarks/etth1.py train $* $(abspath $(DATA))
quality-etth1: $(ETTH1_ROWS:%=quality-etth1-%)
	$(BIN)/python benchmarks/etth1.py table

# MNIST pixel by pixel, an hour of a core for each cell: `make pixel-mnist-min_gru DATA=folder`, a
# folder of prepared tensorflow-datasets, and so on; then `make pixel-mnist` draws those that ran.
PIXEL_ROWS := lstm gru min_gru min_lstm sru
.PHONY: pixel-mnist $(PIXEL_ROWS:%=pixel-mnist-%)
$(PIXEL_ROWS:%=pixel-mnist-%): pixel-mnist-%: $(VENV)/.user
	$(BIN)/python benchmarks/pixel_mnist.py train $* $(DATA)
pixel-mnist: $(VENV)/.user
	$(BIN)/python benchmarks/pixel_mnist.py draw

# The rows of the tables of the defaults and schedules, then `make defaults-table`: `make
# defaults-imdb_2000 DATA=shared KIND=after`; DATA holds `tfds` and `data`, see the script.
KIND ?= after
.PHONY: defaults-table
defaults-table: $(VENV)/.user
	$(BIN)/python benchmarks/defaults.py table
defaults-%: $(VENV)/.user
	$(BIN)/python benchmarks/defaults.py train $* $(KIND) $(DATA) --seed $(SEED) $(if $(OPTIONS),-- $(OPTIONS))

clean:
	rm -rf $(VENV) .venv-oldest .venv-nightly build dist docs/_build *.egg-info

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Each of these remembers that its packages are installed as setup.cfg and the constraints say.
$(VENV)/.user: $(BIN)/python setup.cfg pyproject.toml $(CONSTRAINTS)
	$(INSTALL) -e ".[all]"
	touch $@

$(VENV)/.test: $(BIN)/python setup.cfg pyproject.toml $(CONSTRAINTS)
	$(INSTALL) -e ".[test]"
	touch $@

$(VENV)/.bench: $(BIN)/python setup.cfg pyproject.toml $(CONSTRAINTS)
	$(INSTALL) -e ".[all,bench]"
	touch $@

$(VENV)/.lint: $(BIN)/python setup.cfg pyproject.toml $(CONSTRAINTS)
	$(INSTALL) -e ".[all,lint]"
	touch $@

$(VENV)/.notebooks: $(BIN)/python setup.cfg pyproject.toml $(CONSTRAINTS)
	$(INSTALL) -e ".[digits,notebooks,serve]"
	touch $@

$(VENV)/.docs: $(BIN)/python setup.cfg pyproject.toml $(CONSTRAINTS)
	$(INSTALL) -e ".[docs,serve]"
	touch $@
