"""How apps are getting on in a cluster, while somebody waits: one bar an app, or plain lines."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from tidegate.domain.live import Live

if TYPE_CHECKING:
    from rich.table import Table

    from tidegate.cli.terminal import Terminal
    from tidegate.domain.sync import ClusterEnding

_ROWS = 15
_WIDTH = 16
_STYLES = {Live.LIVE: "green", Live.WAITING: "cyan"}


class Bars:
    """Told of every change (see `ports.Watching`). Where nobody looks, each is a line, so far as
    it says something new."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._board = terminal.board() if terminal.watched else None
        self._clusters: dict[tuple[str, str], ClusterEnding] = {}

    def __enter__(self) -> Bars:
        if self._board is not None:
            self._board.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._board is not None:
            self._board.stop()

    def __call__(self, app: str, cluster: ClusterEnding) -> None:
        """One of the app's Applications has news."""
        before = self._clusters.get((app, cluster.name.name))
        self._clusters[app, cluster.name.name] = cluster
        if self._board is None:
            line = _line(app, cluster)
            if before is None or _line(app, before) != line:
                self._terminal.tell(line)
        else:
            self._board.update(self._table(), refresh=True)

    def _table(self) -> Table:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        from tidegate.domain.text import one_line

        table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
        # What is live already needs no eye any more.
        rows = sorted(self._clusters.items(), key=lambda item: item[1].state.kind is Live.LIVE)
        for (app, name), cluster in rows[:_ROWS]:
            state = cluster.state
            ready, wanted = state.running or (int(state.kind is Live.LIVE), 1)
            bar = ProgressBar(total=max(wanted, 1), completed=ready, width=_WIDTH)
            words = Text(f"{state.kind.value}: {one_line(state.reason, 160)}")
            words.stylize(_STYLES.get(state.kind, "bold red"))
            for detail in state.details[:2]:
                words.append(f"\n{one_line(detail, 160)}", style="dim")
            several = sum(known == app for known, _ in self._clusters) > 1
            table.add_row(Text(one_line(name if several else app, 40)), bar, words)
        if len(rows) > _ROWS:
            table.add_row("", "", Text(f"and {len(rows) - _ROWS} more", style="dim"))
        return table


def _line(app: str, cluster: ClusterEnding) -> str:
    state = cluster.state
    details = f" ({'; '.join(state.details[:2])})" if state.details else ""
    where = f" on {cluster.destination}" if cluster.destination else ""
    return f"{app}{where}: {state.kind.value}: {state.reason}{details}"
