"""The API as programs meet it: a real server, asked by its own description and by our example."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from scripts.api_contract import command, running_site

ROOT = Path(__file__).parents[2]
EXAMPLES = 2


@pytest.fixture(scope="module")
def site():
    with running_site() as site:
        yield site


def test_the_example_of_the_guide_runs(site, tmp_path):
    guide = (ROOT / "docs" / "how-to" / "use-the-api.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    program = tmp_path / "example.py"
    program.write_text(example)
    done = subprocess.run(
        [sys.executable, str(program), site.url],
        env={**os.environ, "ROTORSCOPE_KEY": site.key},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Saved the spectrum" in done.stdout, done.stderr
    assert "Hz" in (tmp_path / "spectrum.csv").read_text()


def test_every_operation_asks_for_a_key(site):
    described = httpx.get(
        f"{site.url}/api/v1/openapi.json", headers={"X-API-Key": site.key}, timeout=60
    ).json()
    open_to_all = []
    with httpx.Client(base_url=f"{site.url}/api/v1", timeout=60) as nobody:
        for path, verbs in described["paths"].items():
            for verb in verbs:
                answer = nobody.request(verb, re.sub(r"{\w+}", "1", path))
                if answer.status_code != 401:
                    open_to_all.append((verb, path, answer.status_code))
    assert open_to_all == []


def test_answers_are_as_they_are_described(site, tmp_path):
    report = tmp_path / "report.xml"
    done = subprocess.run(
        command(site, EXAMPLES, report),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    cases = ElementTree.parse(report).getroot().iter("testcase")
    assert len(list(cases)) > 100
    assert done.returncode == 0, done.stdout[-10_000:]
