from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

import supervisor
from supervisor import NotStarted, Program, Supervisor, how_it_ended
from tests.running import wait_for

# Far longer than a test waits: who ends was ended.
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
DEAF = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w")
time.sleep(600)
"""
PARENT_AND_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1], "w").write(str(child.pid))
child.wait()
"""


@pytest.fixture
def run(monkeypatch):
    """A supervisor with short pauses that looks after its programs in a thread."""
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(supervisor, "LOOK_EVERY_S", 0.02)
    running = []

    def run(*programs: Program) -> Supervisor:
        keeper = Supervisor()
        keeper.start(programs)
        thread = threading.Thread(target=keeper.watch, daemon=True)
        thread.start()
        running.append((keeper, thread))
        return keeper

    yield run
    for keeper, thread in running:
        keeper.stop_asked = True
        thread.join(60)
        assert not thread.is_alive()
        keeper.stop()


def child_of(keeper: Supervisor, number: int = 0) -> subprocess.Popen:
    return keeper._children[number].process


def test_program_that_dies_is_started_again_and_the_log_says_why(run, caplog):
    keeper = run(Program("worker", SLEEP))
    first = child_of(keeper)
    first.kill()
    second = wait_for(lambda: (p := child_of(keeper)) is not first and p)
    assert psutil.pid_exists(second.pid)
    assert "worker was killed by SIGKILL; starting it again in" in caplog.text


def test_pauses_grow(run, monkeypatch, caplog):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.04)
    keeper = run(Program("failing", [sys.executable, "-c", "raise SystemExit(3)"]))
    keeper._children[0].pause_s = 0.01
    wait_for(lambda: caplog.text.count("in 0.04 s") >= 2)
    for pause in ("0.01", "0.02", "0.04"):
        assert f"failing ended with code 3; starting it again in {pause} s" in caplog.text


def test_programs_start_one_after_the_other(run, tmp_path, caplog):
    ready, found = tmp_path / "ready", tmp_path / "found"
    sleep = "import time; time.sleep(600)"
    first = [sys.executable, "-c", f"open({str(ready)!r}, 'w'); {sleep}"]
    second = [sys.executable, "-c", f"open({str(ready)!r}); open({str(found)!r}, 'w'); {sleep}"]
    run(Program("first", first, is_ready=ready.exists), Program("second", second))
    wait_for(found.exists)
    assert "starting it again" not in caplog.text


def test_program_that_ends_before_it_is_ready_is_named():
    broken = Program("valkey", [sys.executable, "-c", "raise SystemExit(2)"], lambda: False)
    with pytest.raises(NotStarted, match="valkey did not start: it ended with code 2"):
        Supervisor().start([broken])


def test_program_that_is_never_ready_is_named(monkeypatch):
    monkeypatch.setattr(supervisor, "START_WITHIN_S", 0.1)
    keeper = Supervisor()
    with pytest.raises(NotStarted, match=r"valkey was not ready within 0\.1 s"):
        keeper.start([Program("valkey", SLEEP, lambda: False)])
    keeper.stop()


def test_stop_goes_by_order_and_ends_all(run, tmp_path):
    told = tmp_path / "told"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open(sys.argv[1], 'a').write(sys.argv[2])\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "open(sys.argv[1] + sys.argv[2], 'w')\n"
        "time.sleep(600)\n"
    )
    programs = [
        Program(name, [sys.executable, "-c", code, str(told), name], stop_order=order)
        for name, order in (("a", 3), ("b", 1), ("c", 2))
    ]
    keeper = run(*programs)
    wait_for(lambda: all(Path(f"{told}{name}").exists() for name in "abc"))
    keeper.stop_asked = True
    keeper.stop()
    assert told.read_text() == "bca"


def test_program_that_does_not_listen_is_killed(run, caplog, tmp_path):
    ready = tmp_path / "ready"
    deaf = [sys.executable, "-c", DEAF, str(ready)]
    keeper = run(Program("deaf", deaf, stop_by=((signal.SIGTERM, 0.5),)))
    process = child_of(keeper)
    wait_for(ready.exists)
    keeper.stop_asked = True
    keeper.stop()
    assert process.poll() == -signal.SIGKILL
    assert "deaf did not stop in time and is killed" in caplog.text


def test_grandchildren_do_not_stay(run, tmp_path):
    note = tmp_path / "pid"
    keeper = run(Program("pool", [sys.executable, "-c", PARENT_AND_CHILD, str(note)]))
    pid = int(wait_for(lambda: note.exists() and note.read_text()))
    keeper.stop_asked = True
    keeper.stop()
    wait_for(lambda: not psutil.pid_exists(pid))


def test_children_die_with_a_killed_supervisor(tmp_path):
    code = (
        "import sys, time\nfrom supervisor import Program, launch\n"
        f"print(launch(Program('child', {SLEEP!r})).pid, flush=True)\ntime.sleep(600)"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    wait_for(lambda: not psutil.pid_exists(pid))


def test_signals_ask_for_a_stop():
    keeper = Supervisor()
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        keeper.stop_on_signals()
        os.kill(os.getpid(), signal.SIGINT)
        wait_for(lambda: keeper.stop_asked)
        keeper.watch()  # returns at once
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended with code 0"), (-9, "was killed by SIGKILL"), (-99, "was killed by signal 99")],
)
def test_ends_in_words(code, words):
    assert how_it_ended(code) == words
