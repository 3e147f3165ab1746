"""The stage of a live run: the process that starts all others, kills and stops them by the plan, and ends
them all.

It is a session of its own, so that Ctrl+C reaches the command alone, and it watches a pipe to the command:
whatever ends the command, even SIGKILL, closes the pipe, and the stage then ends everything and removes the
run's folder. Should the stage itself be killed, its children see the same of a pipe to it, and on Linux the
kernel kills them (PR_SET_PDEATHSIG).

``python -m tutor.live.stage FOLDER`` reads ``FOLDER/plan``; what the stage has to say it writes as steps.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from tutor.engine.luck import Luck
from tutor.errors import TutorError
from tutor.live.brokers import Adapter, Server, adapter
from tutor.live.brokers.processes import dies_with_parent, free_port
from tutor.live.plan import Blow, LivePlan, blows, hosts, name_of
from tutor.live.records import FULL, Reader, Records
from tutor.live.roles import ROLES
from tutor.live.site import Place, Site
from tutor.model.component import Client, Database, Job, Service, Stream
from tutor.model.wire import Call, Capture, Subscribe
from tutor.words import say

READY_S = 60.0
"""How long processes may take to be ready; on a busy machine each needs some tenths of a second of processor
time.
"""
LEAD_S = 1.5
"""How long before its moment a process that comes back is started, so that it is there in time."""
QUIET_S = 2.0
"""When nothing has happened for so long after the traffic, the run is over."""
TICK_S = 0.02
FREE_BYTES = 1_000_000
"""With less than this free on the disk the broker refuses or loses what it is given, and the run is ended."""
DISK_S = 1.0
"""How often the disk is looked at."""


class Trouble(TutorError):
    """The failure that ends a live run before its time."""


class Forked:
    """A process of the run, forked from the stage: everything is loaded and drawn already."""

    def __init__(self, stage: Stage, role: str, arguments: tuple[Any, ...]) -> None:
        self.name = name_of(role, *arguments)
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _be_child(stage, role, arguments)

    def signal(self, number: int) -> None:
        """Sends a signal to the process."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kills the process at once and reaps it."""
        self.signal(signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def hang(self) -> None:
        """Stops the process where it is."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets the process continue."""
        self.signal(signal.SIGCONT)

    def leave(self) -> None:
        """Asks the process to end in good order."""
        self.signal(signal.SIGTERM)

    def ended(self) -> int | None:
        """Returns the code the process ended with; None while it runs."""
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            return 0
        return None if pid == 0 else os.waitstatus_to_exitcode(status)


class Spawned:
    """A process of the run on systems without fork: started anew, told to pause or leave through its standard
    input.
    """

    def __init__(self, stage: Stage, role: str, arguments: tuple[Any, ...]) -> None:
        self.name = name_of(role, *arguments)
        command = [
            sys.executable,
            "-m",
            "tutor.live.stage",
            str(stage.folder),
            role,
            *(repr(one) for one in arguments),
        ]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stage.log("processes")
        )

    def kill(self) -> None:
        """Kills the process at once."""
        self._process.kill()
        self._process.wait()

    def _say(self, word: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(word + b"\n")
            self._process.stdin.flush()

    def hang(self) -> None:
        """Makes the process hang."""
        self._say(b"hang")

    def thaw(self) -> None:
        """Lets the process continue."""
        self._say(b"thaw")

    def leave(self) -> None:
        """Asks the process to end in good order."""
        self._say(b"leave")

    def ended(self) -> int | None:
        """Returns the code the process ended with; None while it runs."""
        return self._process.poll()


Process = Forked | Spawned


class Stage:
    """All processes of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plan: LivePlan = pickle.loads((folder / "plan").read_bytes())  # noqa: S301  # written by the command that started this
        self.scenario = self.plan.scenario
        self.adapter: Adapter = adapter(self.plan.broker)
        self.luck = Luck(self.scenario, self.plan.seed)
        self.servers: dict[str, Server] = {}
        self.processes: dict[tuple[str, int | None], Process] = {}
        """By part (or role) and replica."""
        self.dying: list[Process] = []
        self.life, self._life_end = os.pipe()
        self.place: Place
        self.start = 0.0
        self._records = Records(folder / "steps", "stage", _Before())
        self._reader = Reader(folder / "steps")
        self._ready: set[str] = set()
        self._downs: defaultdict[tuple[str, int | None], int] = defaultdict(int)
        self._last_step = 0.0
        self._depths: dict[str, int] = {}
        self._clients_over = 0
        self._stored: Counter[str] = Counter()
        self._done: Counter[tuple[str, str]] = Counter()
        self._given_up: Counter[str] = Counter()
        self._server_downs: set[str] = set()

    # -- before --------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Starts servers and processes, and waits until all are ready."""
        placed = hosts(self.scenario)
        for host in sorted(set(placed.values())) if self.plan.url is None else ["shared"]:
            server = self.adapter.server(
                self.folder / "servers" / host, self.plan.url, self.folder / f"{host}.log"
            )
            server.start()
            self.servers[host] = server
        if self.plan.url is not None:
            placed = dict.fromkeys(placed, "shared")
        self.hosts = placed
        design = self.scenario.design
        called = any(isinstance(wire, Call) for wire in design.wires)
        stores = {id: free_port() for id, part in design.components.items() if isinstance(part, Database)}
        urls = {id: self.servers[host].url for id, host in placed.items()}
        self.place = Place(self.folder, urls, self.plan.prefix, free_port() if called else 0, stores)
        (self.folder / "place").write_bytes(pickle.dumps(self.place))
        version = next((server.version for server in self.servers.values()), "")
        self._say("server", self.plan.broker, version)
        if urls:
            self._once("declare")
            self._begin("mover", None, "mover")
            self._begin("meter", None, "meter")
        if called:
            self._begin("front", None, "front")
        for id in stores:
            self._begin(id, None, "store", id, 0.0)
        for wire in design.wires:
            if isinstance(wire, Capture):
                self._begin(wire.ref, None, "relay", wire.ref, 0.0)
        for id, part in design.components.items():
            if isinstance(part, Service):
                for replica in range(part.replicas):
                    self._begin(id, replica, "service", id, replica, 0.0)
            elif isinstance(part, Job):
                self._begin(id, None, "job", id, 0.0)
            elif isinstance(part, Client):
                self._begin(id, None, "client", id)
        self._await_ready()

    def _begin(self, part: str, replica: int | None, role: str, *arguments: Any) -> None:
        kind = Spawned if self.plan.spawn or not hasattr(os, "fork") else Forked
        self.processes[part, replica] = kind(self, role, arguments)

    def _once(self, role: str) -> None:
        """Runs a role to its end."""
        self._begin(role, None, role)
        process = self.processes.pop((role, None))
        until = time.monotonic() + READY_S
        while (code := process.ended()) is None:
            if time.monotonic() > until:
                process.kill()
                raise Trouble(say("live.broker-silent", seconds=READY_S))
            self._watch_parent(TICK_S)
        if code:
            raise Trouble(self._why(process, code))

    def _await_ready(self) -> None:
        until = time.monotonic() + READY_S
        wanted = {process.name for process in self.processes.values()}
        while not wanted <= self._ready_names():
            if time.monotonic() > until:
                raise Trouble(say("live.busy", seconds=READY_S))
            self._look_after()
            self._watch_parent(TICK_S)

    def _ready_names(self) -> set[str]:
        for path in (self.folder / "steps").glob("*.steps"):
            if path.stem not in self._ready and b'"ready"' in path.read_bytes()[:4096]:
                self._ready.add(path.stem)
        return self._ready

    # -- the run -------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Starts the clock and follows the plan until the run is over."""
        self.start = time.monotonic() + 0.3
        self._records = Records(self.folder / "steps", "stage", _Since(self.start))
        temporary = self.folder / "start.new"
        temporary.write_text(repr(self.start))
        temporary.replace(self.place.start)
        run = self.scenario.run
        todo = self._timed(blows(self.scenario, self.luck))
        end = run.duration_s + run.drain_s
        looked_at = 0.0
        while (now := time.monotonic() - self.start) < end:
            while todo and todo[0][0] <= now:
                _, act, blow = todo.pop(0)
                act(blow)
            wait = min(TICK_S, max(0.0, todo[0][0] - now)) if todo else TICK_S
            self._watch_parent(wait)
            self._look_after()
            if now - looked_at > DISK_S:
                looked_at = now
                if shutil.disk_usage(self.folder).free < FREE_BYTES:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if now > run.duration_s and not todo and self._quiet(now):
                break

    def _timed(self, found: list[Blow]) -> list[tuple[float, Any, Blow]]:
        """Returns what to do when: processes that come back are started a little before."""
        acts = {
            "crash": self._crash,
            "leave": self._leave,
            "hang": self._hang,
            "thaw": self._thaw,
            "recover": self._recover,
        }
        timed = []
        for blow in found:
            early = blow.act == "recover" and blow.target not in self.hosts
            length = next(
                (blow.at_s - one.at_s for one in found if one.target == blow.target and one.at_s < blow.at_s),
                LEAD_S,
            )
            lead = min(LEAD_S, length / 2) if early else 0.0
            timed.append((blow.at_s - lead, acts[blow.act], blow))
        return sorted(timed, key=lambda one: one[0])

    def _crash(self, blow: Blow) -> None:
        key = (blow.target, blow.replica)
        self._downs[key] += 1
        if self._downs[key] > 1:
            return
        if blow.target in self.hosts:
            if self.plan.url is None:
                self._server_downs.add(self.hosts[blow.target])
                self.servers[self.hosts[blow.target]].crash()
        elif key in self.processes:
            self.processes.pop(key).kill()
        self._say("down", blow.target, blow.replica)

    def _leave(self, blow: Blow) -> None:
        key = (blow.target, blow.replica)
        self._downs[key] += 1
        if self._downs[key] == 1 and key in self.processes:
            process = self.processes.pop(key)
            process.leave()
            self.dying.append(process)
            self._say("down", blow.target, blow.replica)

    def _recover(self, blow: Blow) -> None:
        key = (blow.target, blow.replica)
        self._downs[key] -= 1
        if self._downs[key]:
            return
        if blow.target in self.hosts:
            if self.plan.url is None:
                self._server_downs.discard(self.hosts[blow.target])
                self.servers[self.hosts[blow.target]].recover()
            self._say("up", blow.target, None)
            return
        part = self.scenario.design.components.get(blow.target)
        match part:
            case Service():
                self._begin(*key, "service", blow.target, blow.replica, blow.at_s)
            case Database():
                self._begin(*key, "store", blow.target, blow.at_s)
            case Job():
                self._begin(*key, "job", blow.target, blow.at_s)
            case None:
                self._begin(*key, "relay", blow.target, blow.at_s)

    def _hang(self, blow: Blow) -> None:
        if blow.target in self.hosts:
            self.servers[self.hosts[blow.target]].hang()
        elif (blow.target, blow.replica) in self.processes:
            self.processes[blow.target, blow.replica].hang()

    def _thaw(self, blow: Blow) -> None:
        if blow.target in self.hosts:
            self.servers[self.hosts[blow.target]].thaw()
        elif (blow.target, blow.replica) in self.processes:
            self.processes[blow.target, blow.replica].thaw()

    def _quiet(self, now: float) -> bool:
        """Returns whether nothing is under way any more."""
        for step in self._reader.steps():
            if step[1] == "depth":
                self._depths[step[2]] = step[3] + step[4]
            elif step[1] not in ("ready", "read"):
                self._last_step = max(self._last_step, step[0] / 1e6)
            match step[1]:
                case "over":
                    self._clients_over += 1
                case "stored":
                    self._stored[step[2]] += 1
                case "acked":
                    self._done[step[2], step[3]] += 1
                case "dropped" | "dead":
                    self._given_up[step[2]] += 1
        clients = sum(isinstance(part, Client) for part in self.scenario.design.components.values())
        watched = [depth for id, depth in self._depths.items() if self._is_read(id)]
        quiet = self._clients_over >= clients and not any(watched) and now - self._last_step > QUIET_S
        return quiet and not self._unread()

    def _unread(self) -> bool:
        """Returns whether a group has unread records of a stream."""
        return any(
            self._stored[wire.source] > self._done[wire.source, wire.target] + self._given_up[wire.source]
            for wire in self.scenario.design.wires
            if isinstance(wire, Subscribe)
            and isinstance(self.scenario.design.components[wire.source], Stream)
        )

    def _is_read(self, id: str) -> bool:
        """Returns whether anybody takes out the messages that wait here: nobody empties a queue of dead
        letters.
        """
        return bool(self.scenario.design.wires_from(id)) or id not in self.hosts

    # -- looking after everybody ---------------------------------------------------------------------------

    def _look_after(self) -> None:
        """Checks whether a process, or a server, has ended by itself."""
        self.dying = [process for process in self.dying if process.ended() is None]
        for key, process in list(self.processes.items()):
            code = process.ended()
            if code is not None:
                del self.processes[key]
                raise Trouble(self._why(process, code))
        if self.plan.url is None:
            for host, server in self.servers.items():
                if host not in self._server_downs and not server.pids():
                    raise Trouble(
                        say(
                            "live.server-ended",
                            broker=self.adapter.title,
                            why=_last_line(self.folder / f"{host}.log"),
                        )
                    )

    def _why(self, process: Process, code: int) -> str:
        if code in FULL:
            return say("live.error.full")
        said = _last_line(self.folder / "processes.log")
        return say("live.process-ended", process=process.name, code=code, why=said)

    def _watch_parent(self, seconds: float) -> None:
        """Waits, and raises :class:`EOFError` when the command has gone."""
        import select

        if os.name != "posix":
            time.sleep(seconds)
            if _PARENT_GONE.is_set():
                raise EOFError
            return
        ready, _, _ = select.select([0], [], [], seconds)
        if ready and not os.read(0, 1):
            raise EOFError

    def log(self, name: str) -> int:
        """Opens a file that output is appended to, as a file descriptor."""
        return os.open(self.folder / f"{name}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _say(self, word: str, *values: Any) -> None:
        self._records.step(word, *values)

    # -- after ---------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Ends the processes, and reads what the brokers still hold."""
        self.end_processes()
        for server in self.servers.values():
            server.thaw()
        for host in list(self._server_downs):
            self.servers[host].recover()
        if self.place.urls:
            self._once("rest")
        self._say("over")

    def end_processes(self) -> None:
        """Kills what is still running."""
        for process in [*self.processes.values(), *self.dying]:
            with contextlib.suppress(OSError):
                process.kill()
        self.processes.clear()
        self.dying.clear()

    def close(self) -> None:
        """Ends everything."""
        self.end_processes()
        if self.plan.url is not None and hasattr(self, "place") and self.place.urls:
            with contextlib.suppress(Exception):
                self._once("clear")
        for server in self.servers.values():
            with contextlib.suppress(OSError):
                server.stop()


class _Before:
    """A clock before the start."""

    def now_us(self) -> int:
        """Returns the same negative time always."""
        return -1


class _Since:
    """A clock from a start on."""

    def __init__(self, start: float) -> None:
        self._start = start

    def now_us(self) -> int:
        """Returns the microseconds since the start."""
        return int((time.monotonic() - self._start) * 1e6)


_PARENT_GONE = threading.Event()


def _last_line(path: Path) -> str:
    with contextlib.suppress(OSError):
        lines = path.read_text(errors="replace").strip().splitlines()
        if lines:
            return lines[-1][-200:]
    return say("live.silent")


def _be_child(stage: Stage, role: str, arguments: tuple[Any, ...]) -> None:
    """Runs a role in a forked process; never returns."""
    code = 1
    try:
        os.close(stage._life_end)
        dies_with_parent()
        log = stage.log("processes")
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        site = Site(stage.adapter, stage.scenario, stage.luck, stage.place, name_of(role, *arguments))
        code = asyncio.run(_play(site, role, arguments, stage.life))
    except OSError as error:
        code = error.errno if error.errno in FULL else 1
        _complain(error)
    except BaseException as error:
        _complain(error)
    finally:
        os._exit(code)


def _complain(error: BaseException) -> None:
    import traceback

    traceback.print_exception(error)
    sys.stderr.flush()


async def _play(site: Site, role: str, arguments: tuple[Any, ...], life: int | None) -> int:
    """Plays a role until it is over, or the process is asked to leave."""
    playing = asyncio.ensure_future(_as_coroutine(ROLES[role](site, *arguments)))
    loop = asyncio.get_running_loop()
    if life is not None:
        loop.add_reader(life, os._exit, 1)  # the pipe to the stage is closed: the stage has gone
        loop.add_signal_handler(signal.SIGTERM, playing.cancel)
    else:
        _listen(loop, playing)
    try:
        await playing
    except asyncio.CancelledError:
        return 0
    await site.close()
    return 0


async def _as_coroutine(awaitable: Any) -> None:
    await awaitable


def _listen(loop: asyncio.AbstractEventLoop, playing: asyncio.Task[None]) -> None:
    """Follows the stage's instructions on standard input, if there are no signals for them."""
    going = threading.Event()
    going.set()

    def listen() -> None:
        for line in sys.stdin.buffer:
            match line.strip():
                case b"hang":
                    going.clear()
                    loop.call_soon_threadsafe(going.wait)
                case b"thaw":
                    going.set()
                case b"leave":
                    loop.call_soon_threadsafe(playing.cancel)
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()


def main(arguments: list[str]) -> int:
    """Runs the stage, or with a role after the folder one of its processes; returns the exit code."""
    folder = Path(arguments[0])
    if len(arguments) > 1:
        return _be_spawned(folder, arguments[1], arguments[2:])
    if os.name != "posix":
        threading.Thread(target=_watch_input, daemon=True).start()
    stage = None
    try:
        stage = Stage(folder)
        stage.open()
        stage.run()
        stage.finish()
    except EOFError:
        if stage is not None:
            stage.close()
        shutil.rmtree(folder, ignore_errors=True)
        return 130
    except (TutorError, OSError) as error:
        number = getattr(error, "errno", None)
        _trouble(folder, stage, say("live.error.full") if number in FULL else str(error))
        return number if number in FULL else 2
    finally:
        if stage is not None:
            stage.close()
    return 0


def _trouble(folder: Path, stage: Stage | None, text: str) -> None:
    with contextlib.suppress(OSError):  # on a full disk the exit code says it
        if stage is not None:
            stage._say("trouble", "stage", text)
        else:
            (folder / "trouble").write_text(text)


def _watch_input() -> None:
    sys.stdin.buffer.read()
    _PARENT_GONE.set()


def _be_spawned(folder: Path, role: str, arguments: list[str]) -> int:
    """Runs one process of the run, started anew."""
    import ast

    plan: LivePlan = pickle.loads((folder / "plan").read_bytes())  # noqa: S301
    place: Place = pickle.loads((folder / "place").read_bytes())  # noqa: S301
    values = tuple(ast.literal_eval(one) for one in arguments)
    site = Site(
        adapter(plan.broker), plan.scenario, Luck(plan.scenario, plan.seed), place, name_of(role, *values)
    )
    return asyncio.run(_play(site, role, values, None))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
