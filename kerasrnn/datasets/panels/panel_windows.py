"""Windows of a panel, cut out when they are asked for."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError, check_integer
from kerasrnn.datasets.panels.panel import Panel
from kerasrnn.datasets.panels.panel_parts import PanelPart
from kerasrnn.datasets.readers.reader_notes import note

__all__ = ["PanelWindows", "WindowBatch", "WindowTable"]


@dataclasses.dataclass(frozen=True)
class WindowBatch:
    """Some windows, in the units of the file.

    Attributes:
        past: `(B, W, P)` float64, what was known.
        future: `(B, H, K)` float64, the targets behind it; NaN where nobody knows them yet.
        ahead: `(B, W + H, A)` float64, what is known ahead, of the window and the rows behind it.
        static: `(B, S)` float64, what does not change.
        series: `(B,)` int64, which series of the panel each is of.
        origins: `(B,)` int64, the first row of that series that is forecast.
    """

    past: np.ndarray
    future: np.ndarray
    ahead: np.ndarray
    static: np.ndarray
    series: np.ndarray
    origins: np.ndarray


@dataclasses.dataclass(frozen=True)
class WindowTable:
    """The rows of all series, one series behind the other.

    Attributes:
        values: `(R, F)` float64.
        static: `(N, S)` float64 of the N series.
        offsets: `(N,)` int64, the first row of each.
        past: `(P,)` int64, which columns are not known ahead.
        targets: `(K,)` int64, which are forecast.
        ahead: `(A,)` int64, which are known ahead.
    """

    values: np.ndarray
    static: np.ndarray
    offsets: np.ndarray
    past: np.ndarray
    targets: np.ndarray
    ahead: np.ndarray


class PanelWindows:
    """All windows whose targets lie within a part; they may read rows before it.

    Nothing is copied but what is asked for.

    Args:
        part: What `split_panel` returned for a split; or a `Panel`, of which all rows are meant.
        window: Number of rows W that are read.
        horizon: Number of rows H that are forecast.
        targets: Names of the K columns to forecast.
        past: Names of the P columns of a window; by default all that are not known ahead.
        ahead: Names of the A columns that are known ahead; by default all of the panel.
        stride: How many rows it is from one window to the next of a series.

    Raises:
        ValueError: For a column that is not there, or one known ahead as a target; where no series
            has as many rows as a window and its horizon.

    Example:

    >>> windows = PanelWindows(Panel.of(np.arange(7.0)[:, None], ["x"]), 3, 2, ["x"])
    >>> batch = windows.take([0, 2])
    >>> len(windows), batch.past[..., 0].tolist(), batch.future[..., 0].tolist()
    (3, [[0.0, 1.0, 2.0], [2.0, 3.0, 4.0]], [[3.0, 4.0], [5.0, 6.0]])
    """

    def __init__(
        self,
        part: PanelPart | Panel,
        window: int,
        horizon: int,
        targets: Sequence[str],
        past: Sequence[str] | None = None,
        ahead: Sequence[str] | None = None,
        *,
        stride: int = 1,
    ):
        part = PanelPart.whole(part) if isinstance(part, Panel) else part
        self.window, self.horizon = (
            check_integer("window", window),
            check_integer("horizon", horizon),
        )
        check_integer("stride", stride)
        self._set_columns(part.panel, targets, past, ahead)
        index, short = [], []
        for place, (start, stop) in enumerate(zip(part.starts, part.stops, strict=True)):
            origins = np.arange(max(start, self.window), stop - self.horizon + 1, stride)
            index.append(np.stack([np.full(len(origins), place), origins], axis=1))
            if not len(origins):
                short.append(part.panel.names[place])
        self._index = np.concatenate(index)
        if not len(self._index):
            raise UserError(_too_short(part, self.window, self.horizon))
        if short:
            note(
                f"the {part.name} part has no window of {len(short):,} of "
                f"{len(part.panel.series):,} series, such as {short[0]!r}: too short"
            )

    @classmethod
    def at_end(
        cls,
        panel: Panel,
        window: int,
        horizon: int,
        targets: Sequence[str],
        past: Sequence[str] | None = None,
        ahead: Sequence[str] | None = None,
    ) -> PanelWindows:
        """The last window of each series, whose future nobody knows.

        Args:
            panel: The series, continued as `Panel.continued` does.
            window: As above.
            horizon: As above.
            targets: As above.
            past: As above.
            ahead: As above.

        Raises:
            ValueError: For a series shorter than a window, or a column known ahead that ends too
                early.
        """
        self = cls.__new__(cls)
        self.window, self.horizon = (
            check_integer("window", window),
            check_integer("horizon", horizon),
        )
        for each in panel.series:
            if each.known < window:
                of = f" of the series {each.name!r}" if each.name else ""
                raise UserError(
                    f"Expected at least {window} rows{of}, a window. Received: {each.known}"
                )
        self._set_columns(panel.continued(horizon), targets, past, ahead)
        known = [each.known for each in panel.series]
        self._index = np.stack([np.arange(len(known)), known], axis=1)
        return self

    def _set_columns(self, panel: Panel, targets, past, ahead) -> None:
        own = [name for name in panel.columns if name not in panel.ahead]
        self.panel = panel
        self.targets = tuple(targets)
        self.past = tuple(own if past is None else past)
        self.ahead = tuple(panel.ahead if ahead is None else ahead)
        if not self.targets or set(self.targets) & set(panel.ahead):
            raise UserError(
                f"Expected targets among the columns that are not known ahead, {', '.join(own)}. "
                f"Received: {', '.join(self.targets) or 'none'}"
            )
        other = [name for name in self.ahead if name not in panel.ahead]
        if other:
            raise UserError(
                f"Expected columns that are known ahead: {', '.join(panel.ahead) or 'none'}. "
                f"Received: {', '.join(other)}"
            )
        names = (self.past, self.targets, self.ahead)
        self._places = [np.array(panel.places(each), "int64") for each in names]

    def __len__(self) -> int:
        return len(self._index)

    @property
    def series(self) -> np.ndarray:
        """`(N,)` int64, which series of the panel each window is of."""
        return self._index[:, 0]

    @property
    def origins(self) -> np.ndarray:
        """`(N,)` int64, the first row that each window forecasts."""
        return self._index[:, 1]

    def at(self, series: np.ndarray, origins: np.ndarray) -> PanelWindows:
        """Returns other windows of the same panel, also such that lie before the part.

        Args:
            series: `(M,)` integers, which series of the panel each is of.
            origins: `(M,)` integers, the first row that each forecasts.

        Raises:
            ValueError: For an origin with fewer rows than a window before it, or fewer rows than a
                horizon from it on.

        Example:

        >>> part = PanelPart(Panel.of(np.arange(9.0)[:, None], ["x"]), (7,), (9,))
        >>> windows = PanelWindows(part, 3, 2, ["x"])
        >>> windows.origins.tolist(), windows.at([0], [4]).take([0]).future.tolist()
        ([7], [[[4.0], [5.0]]])
        """
        index = np.stack([np.asarray(series, "int64"), np.asarray(origins, "int64")], axis=1)
        rows = np.array([len(each.values) for each in self.panel.series])[index[:, 0]]
        wrong = (index[:, 1] < self.window) | (index[:, 1] > rows - self.horizon)
        if wrong.any():
            raise UserError(
                f"Expected origins with {self.window} rows before and {self.horizon} from them on. "
                f"Received: {int(index[wrong, 1][0])} of {int(rows[wrong][0])} rows"
            )
        other = copy.copy(self)
        other._index = index
        return other

    def take(self, rows: Sequence[int] | np.ndarray | range | slice) -> WindowBatch:
        """Cuts out windows.

        Args:
            rows: Which of the N windows, integers or a slice.

        Returns:
            A `WindowBatch` of B windows.
        """
        index = self._index[rows if isinstance(rows, slice) else np.asarray(rows, "int64")]
        series, origins = index.T
        first = (self._offsets[series] + origins)[:, None]
        before, behind = np.arange(-self.window, 0), np.arange(self.horizon)
        both = np.arange(-self.window, self.horizon)
        past, targets, ahead = self._places
        return WindowBatch(
            self._values[(first + before)[..., None], past],
            self._values[(first + behind)[..., None], targets],
            self._values[(first + both)[..., None], ahead],
            self._static[series],
            series,
            origins,
        )

    def table(self) -> WindowTable:
        """Returns what all windows are cut out of, for a graph that cuts them itself."""
        return WindowTable(self._values, self._static, self._offsets, *self._places)

    def times(self, row: int) -> np.ndarray | None:
        """Returns the `(H,)` datetime64[ms] of the rows that a window forecasts, if there are."""
        series, origin = self._index[row]
        times = self.panel.series[series].times
        return None if times is None else times[origin : origin + self.horizon]

    @functools.cached_property
    def _values(self) -> np.ndarray:
        values = [each.values for each in self.panel.series]
        return values[0] if len(values) == 1 else np.concatenate(values)

    @functools.cached_property
    def _static(self) -> np.ndarray:
        return np.stack([each.static for each in self.panel.series])

    @functools.cached_property
    def _offsets(self) -> np.ndarray:
        lengths = [len(each.values) for each in self.panel.series]
        return np.concatenate([np.zeros(1, "int64"), np.cumsum(lengths)[:-1]])


def _too_short(part: PanelPart, window: int, horizon: int) -> str:
    most = max(range(len(part.stops)), key=lambda i: part.stops[i])
    rows = part.stops[most] - part.starts[most]
    if rows >= horizon:
        return (
            f"Expected a series of at least {window + horizon} rows up to the end of the "
            f"{part.name} part, for a window of {window} and a horizon of {horizon}. "
            f"Received: {part.stops[most]}"
        )
    return f"Expected at least {horizon} rows in the {part.name} part, a horizon. Received: {rows}"
