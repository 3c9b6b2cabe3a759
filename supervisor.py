"""Keep programs running: start in order, restart what dies, stop in order, leave nothing.

Each program is a child in a session of its own, so that Ctrl-C in the terminal reaches
only us. A child is told to stop by the kernel when we die, whatever killed us.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

LOOK_EVERY_S = 0.05
START_WITHIN_S = 60.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 30.0
WELL_AFTER_S = 5.0  # a program that ran for so long begins again with the first pause
KILLED_WITHIN_S = 5.0
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)

log = logging.getLogger(__name__)


class NotStarted(Exception):
    """A program did not come up; the text is a sentence for the operator."""


@dataclass(frozen=True)
class Program:
    """What to run, how to see that it is up, and how to stop it."""

    name: str
    arguments: Sequence[str]
    is_ready: Callable[[], bool] | None = None  # awaited before the next program starts
    # Signals to stop it, each with the seconds to wait for the end before the next one.
    stop_by: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 20.0),)
    when_we_die: signal.Signals = signal.SIGTERM
    stop_order: int = 0  # the lowest number stops first; equal numbers stop together
    is_quiet: bool = False  # throws away its standard output; the log goes to standard error


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    pause_s: float = FIRST_PAUSE_S
    restart_at: float | None = None


@dataclass
class Supervisor:
    """Runs programs until it is asked to stop."""

    pass_fds: Sequence[int] = ()  # open files that the programs keep, such as a lock
    stop_asked: bool = False
    _children: list[_Child] = field(default_factory=list)

    def stop_on_signals(self) -> None:
        """Take Ctrl-C and SIGTERM as the wish to stop, also where a shell had them ignored."""

        def ask(_number: int, _frame: object) -> None:
            # Only a note, no exception: it could come between a fork and its record.
            self.stop_asked = True

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, ask)

    def start(self, programs: Sequence[Program]) -> None:
        """Start programs in order, each once the one before is ready.

        Raises
        ------
        NotStarted
            If one ends, or is not ready in time.
        """
        for program in programs:
            if self.stop_asked:
                return
            child = _Child(program, launch(program, self.pass_fds), time.monotonic())
            self._children.append(child)
            self._wait_until_ready(child)

    def watch(self) -> None:
        """Restart what dies, until somebody asks for a stop."""
        while not self.stop_asked:
            for child in self._children:
                self._look_after(child)
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """Stop all programs, those of the same order together."""
        alive = [child for child in self._children if child.process.poll() is None]
        for order in sorted({child.program.stop_order for child in alive}):
            _stop_together([_Ending(c) for c in alive if c.program.stop_order == order])
        self._children.clear()

    def _wait_until_ready(self, child: _Child) -> None:
        is_ready = child.program.is_ready or (lambda: True)
        end = child.started_at + START_WITHIN_S
        while not is_ready() and not self.stop_asked:
            name = child.program.name
            if child.process.poll() is not None:
                reason = how_it_ended(child.process.returncode)
                raise NotStarted(f"{name} did not start: it {reason}.")
            if time.monotonic() > end:
                raise NotStarted(f"{name} was not ready within {START_WITHIN_S:g} s.")
            time.sleep(0.05)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                child.process = launch(child.program, self.pass_fds)
                child.started_at = now
                child.restart_at = None
            return
        code = child.process.poll()
        if code is None:
            return
        if now - child.started_at >= WELL_AFTER_S:
            child.pause_s = FIRST_PAUSE_S
        name, pause_s = child.program.name, child.pause_s
        log.error("%s %s; starting it again in %g s", name, how_it_ended(code), pause_s)
        _kill_group(child.process)  # what it may have left behind
        child.restart_at = now + pause_s
        child.pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def launch(program: Program, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start a program as a child that does not outlive us."""
    return subprocess.Popen(
        list(program.arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if program.is_quiet else None,
        pass_fds=pass_fds,
        preexec_fn=_die_with(os.getpid(), program.when_we_die),  # noqa: PLW1509  # no threads here
        start_new_session=True,
    )


def how_it_ended(code: int) -> str:
    """The end of a process in words: “was killed by SIGKILL”, “ended with code 1”."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def die_with_parent(number: signal.Signals) -> None:
    """Ask the kernel for this signal when the parent of this process ends (Linux)."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(SET_PARENT_DEATH_SIGNAL, number)


def _die_with(parent: int, number: signal.Signals) -> Callable[[], None]:
    libc = ctypes.CDLL(None)  # loaded before the fork: little is safe to do after it
    asks = hasattr(libc, "prctl")

    def prepare() -> None:
        # Handlers do not survive the start of a program, but being ignored does.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if asks:
            libc.prctl(SET_PARENT_DEATH_SIGNAL, number)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return prepare


class _Ending:
    """One child on its way down: politely first, then by force."""

    def __init__(self, child: _Child) -> None:
        self.name, self.process = child.program.name, child.process
        self._signals = list(child.program.stop_by)
        self._next_at = time.monotonic()

    def press(self) -> bool:
        """Send the next signal when its time has come; whether the child has ended."""
        if self.process.poll() is not None:
            _kill_group(self.process)
            return True
        if time.monotonic() < self._next_at:
            return False
        if self._signals:
            number, patience_s = self._signals.pop(0)
            self._next_at = time.monotonic() + patience_s
            self.process.send_signal(number)
        else:
            log.warning("%s did not stop in time and is killed", self.name)
            self._next_at = time.monotonic() + KILLED_WITHIN_S
            _kill_group(self.process)
        return False


def _stop_together(endings: list[_Ending]) -> None:
    while endings := [ending for ending in endings if not ending.press()]:
        time.sleep(0.05)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # nothing is left of it
