"""The work of grading, through any executor: this machine's processes, or a cluster's."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from tutor.classroom.grading import Grade, Task, grade_design
from tutor.classroom.journal import Journal
from tutor.errors import InputError
from tutor.words import say

MEMORY_BYTES = 2_000_000_000
"""What one process of the pool may use, where the system can limit it."""

AHEAD = 256
"""Tasks given out before their results are awaited."""

OnProgress = Callable[[int, int], None]
"""Called with the number of results there are and the number there will be."""


def grade_all(
    tasks: Sequence[Task], journal: Journal, make_executor: Callable[[], Executor], on_progress: OnProgress
) -> list[Grade]:
    """Grades all tasks, in their order; results that the journal has are not computed again.

    A hand-in that kills its process is graded ``stopped`` and the rest continues. ``KeyboardInterrupt``
    cancels the tasks that have not begun and is raised again; finished results are in the journal.
    """
    grades: dict[int, Grade] = {}
    waiting: list[int] = []
    for index, task in enumerate(tasks):
        known = journal.get(task.key())
        if known is None:
            waiting.append(index)
        else:
            grades[index] = known

    def keep(index: int, grade: Grade) -> None:
        journal.add(tasks[index].key(), grade)
        grades[index] = grade
        on_progress(len(grades), len(tasks))

    on_progress(len(grades), len(tasks))
    suspects = _grade_batch(tasks, waiting, make_executor, keep)
    for index in suspects:  # one of these killed its process: each gets a pool of its own
        for why in _grade_batch(tasks, [index], make_executor, keep).values():
            task = tasks[index]
            level = task.level.id if task.level else task.hand_in.level
            keep(index, Grade(task.hand_in.student, task.hand_in.file, level, "stopped", why))
    return [grades[index] for index in range(len(tasks))]


def _grade_batch(
    tasks: Sequence[Task],
    indexes: Sequence[int],
    make_executor: Callable[[], Executor],
    keep: Callable[[int, Grade], None],
) -> dict[int, str]:
    """Grades these tasks; returns those that were lost on the way, such as with their process, and the
    reasons.
    """
    if not indexes:
        return {}
    lost: dict[int, str] = {}
    executor = make_executor()
    try:
        pending: dict[Future[Grade], int] = {}
        for index, grade in _results(executor, tasks, indexes, pending):
            if isinstance(grade, str):
                lost[index] = grade
            else:
                keep(index, grade)
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():  # what is under way may have minutes to go
            child.terminate()
        raise
    executor.shutdown()
    return dict(sorted(lost.items()))


def _results(
    executor: Executor, tasks: Sequence[Task], indexes: Sequence[int], pending: dict[Future[Grade], int]
) -> Iterator[tuple[int, Grade | str]]:
    """Yields results as they come, at most a few hundred under way; for a lost one, how it was lost."""
    ahead = iter(indexes)
    broken = False
    while True:
        while not broken and len(pending) < AHEAD:
            index = next(ahead, None)
            if index is None:
                break
            try:
                pending[executor.submit(grade_design, tasks[index])] = index
            except BrokenProcessPool:
                broken = True
                yield index, say("class.graded.killed")
        if not pending:
            break
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            index = pending.pop(future)
            try:
                yield index, future.result()
            except BrokenProcessPool:
                broken = True
                yield index, say("class.graded.killed")
            except ImportError as wrong:
                raise InputError(say("class.cluster.version", why=str(wrong)), key="--dask") from None
            except (
                Exception,
                CancelledError,
            ) as wrong:  # a cluster's executor has errors of its own, such as for a worker that died
                yield index, say("class.graded.lost", error=type(wrong).__name__)
    for index in ahead:
        yield index, say("class.graded.killed")


def process_pool(jobs: int | None = None) -> Callable[[], Executor]:
    """Returns a maker of process pools on this machine: ``jobs`` processes, or one a core."""
    count = jobs or os.cpu_count() or 1

    def make() -> Executor:
        return ProcessPoolExecutor(max_workers=count, initializer=_begin_worker)

    return make


def dask_pool(address: str) -> Callable[[], Executor]:
    """Returns a maker of executors over a Dask cluster at ``address``; raises :class:`InputError` if Dask is
    not installed or not reached.
    """

    def make() -> Executor:
        try:
            import distributed
        except ImportError:
            raise InputError(say("class.cluster.extra")) from None
        connect: Any = distributed.Client
        try:
            client = connect(address, timeout="10s", set_as_default=False)
        except (OSError, ValueError, TimeoutError) as wrong:
            raise InputError(
                say("class.cluster.silent", address=address, error=type(wrong).__name__), key="--dask"
            ) from None
        return ClusterExecutor(client)

    return make


class ClusterExecutor(Executor):
    """Dask's own executor, with a complete ``shutdown`` that also closes the connection."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._inner: Executor = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **names: Any) -> Future[Any]:
        """Submits work, as the executor does."""
        return self._inner.submit(fn, *args, **names)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Shuts down, as the executor does; work that is not awaited is canceled."""
        self._inner.shutdown(wait=wait and not cancel_futures)
        self._client.close()


def _begin_worker() -> None:
    """Ignores Ctrl+C, which reaches every process: the one that gives out the work decides what happens to
    it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()


def _limit_memory() -> None:
    """Lets a hand-in that needs too much memory fail by itself instead of taking the machine down; not on
    Windows.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))
