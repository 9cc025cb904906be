"""What tests share: seeds, a server, a browser, and a folder of tensorflow-datasets of the run."""

import contextlib
import fcntl
import http.client
import importlib.util
import json
import os
import pathlib
import shutil
import socket
import tempfile
import threading
import time

import hypothesis
import pytest

# A busy machine is no failure, and the examples are the same in each run.
hypothesis.settings.register_profile("kerasrnn", deadline=None, derandomize=True)
hypothesis.settings.load_profile("kerasrnn")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
MADE_HERE = pytest.StashKey[str]()


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # workers inherit the variable
        config.stash[MADE_HERE] = tempfile.mkdtemp(prefix="kerasrnn-tests-")
        os.environ["TFDS_DATA_DIR"] = config.stash[MADE_HERE]


def pytest_unconfigure(config):
    if MADE_HERE in config.stash:
        shutil.rmtree(config.stash[MADE_HERE], ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def quick_graphs():
    """Takes away what costs small models more than it saves.

    An iterator over arrays that ends may wait for tf.data's tuner, see `datasets.batches.pipeline`,
    and graphs that run a few times are not worth optimising. The processes that tests start, and
    the notebooks, run optimised ones.
    """
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    with pytest.MonkeyPatch.context() as patch:
        begin = tf.data.Options.__init__

        def without_tuner(options):
            begin(options)
            options.autotune.enabled = False

        patch.setattr(tf.data.Options, "__init__", without_tuner)
        yield


@pytest.fixture(autouse=True)
def seed():
    import keras

    keras.utils.set_random_seed(1)


@pytest.fixture
def rng():
    import numpy as np

    return np.random.default_rng(1)


@pytest.fixture(scope="session")
def prepared():
    """Prepares an embedded data set, unless another worker has; gives the folder of all."""
    import tensorflow_datasets as tfds

    import kerasrnn.datasets  # noqa: F401

    folder = os.environ["TFDS_DATA_DIR"]

    def prepare(name):
        with open(os.path.join(folder, f"lock-{name}"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            tfds.builder(f"kerasrnn_{name}", data_dir=folder).download_and_prepare()
        return folder

    return prepare


@pytest.fixture(scope="session")
def dates_dir(prepared):
    """The folder in which `kerasrnn_dates` is prepared."""
    return prepared("dates")


class Client:
    """Calls a server on this machine."""

    def __init__(self, port):
        self.port = port

    def call(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()

    def get(self, path):
        status, body = self.call("GET", path)
        return status, json.loads(body)

    def post(self, path, document):
        body = document if isinstance(document, bytes) else json.dumps(document)
        status, answer = self.call("POST", path, body)
        return status, json.loads(answer)


@contextlib.contextmanager
def _running(app):
    """Serves an application on a free port until the end of the block."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            yield Client(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def running():
    """`with running(app) as client:` serves an application over a socket."""
    return _running


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A browser, made ready by the file beside this one."""
    spec = importlib.util.spec_from_file_location(
        "browser", pathlib.Path(__file__).with_name("browser.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.COMMAND is None:
        pytest.skip("needs chromium (apt-get install chromium)")
    browser = module.Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()
