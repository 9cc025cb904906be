"""Files: reading lines, writing whole files; what white space and numbers are."""

from kerasrnn.files.folder_lock import FolderLock, one_at_a_time
from kerasrnn.files.given_files import given_files
from kerasrnn.files.json_files import json_text, read_json, write_json
from kerasrnn.files.lines import (
    check_encoding,
    decoded_lines,
    numbered_lines,
    open_bytes,
    unpacked,
    wrong_line,
)
from kerasrnn.files.saved_state import SavedState, first_whole, keep_newest
from kerasrnn.files.scratch import scratch_folder
from kerasrnn.files.sealed import (
    check_digest,
    content_digest,
    file_digest,
    read_sealed,
    write_sealed,
)
from kerasrnn.files.shard import PIECE_ROWS, Shard
from kerasrnn.files.user_paths import (
    CONFIG,
    FOLDS,
    LOCK,
    MODEL,
    NO_MODEL,
    check_data,
    check_file,
    check_output,
    check_recorded,
    check_run,
    found_in,
    read_config,
)
from kerasrnn.files.white_space import WHITE_SPACE, is_blank, number_of, number_text, split_words
from kerasrnn.files.writing import beside, flush, open_beside, room_in, without_room, write_beside

__all__ = [
    "check_digest",
    "check_encoding",
    "content_digest",
    "file_digest",
    "read_sealed",
    "write_sealed",
    "CONFIG",
    "FOLDS",
    "first_whole",
    "FolderLock",
    "keep_newest",
    "LOCK",
    "MODEL",
    "NO_MODEL",
    "PIECE_ROWS",
    "WHITE_SPACE",
    "beside",
    "check_data",
    "check_file",
    "check_output",
    "check_recorded",
    "check_run",
    "decoded_lines",
    "flush",
    "found_in",
    "given_files",
    "is_blank",
    "json_text",
    "number_of",
    "number_text",
    "numbered_lines",
    "one_at_a_time",
    "open_beside",
    "open_bytes",
    "read_config",
    "read_json",
    "SavedState",
    "Shard",
    "room_in",
    "scratch_folder",
    "split_words",
    "unpacked",
    "without_room",
    "write_beside",
    "write_json",
    "wrong_line",
]
