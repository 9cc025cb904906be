# The stubs that come with the type checker lack most of RaggedTensor, tf.data and tf.lookup.
from typing import Any

def __getattr__(name: str) -> Any: ...
