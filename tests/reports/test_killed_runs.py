"""A run that is killed keeps every exchange that ended, and reads as incomplete."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reports.reading import read_run

ROOT = Path(__file__).parents[2]
RUNS = 3


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_killed_run_keeps_its_exchanges(seed: int, tmp_path: Path) -> None:
    command = [sys.executable, "soapstone.py", "certify", "--profile", "smoke", "--out", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        log = tmp_path / "evidence.jsonl"
        until = random.Random(seed).randint(1, 600)
        deadline = time.monotonic() + 60
        while not log.exists() or log.read_bytes().count(b'\n{"type":"exchange"') < until:
            assert process.poll() is None, "the run ended before it was killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    run = read_run(log)
    assert run.verdict == "incomplete"
    assert not run.is_complete
    whole = log.read_bytes().rpartition(b"\n")[0].count(b'\n{"type":"exchange"')
    assert run.counts["exchanges"] == whole > 0
