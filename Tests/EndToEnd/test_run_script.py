"""The script that runs the suite knows its steps, and runs no others."""

from __future__ import annotations

import re
import subprocess

from support.home import ROOT

SCRIPT = ROOT / "Tests" / "run.sh"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCRIPT, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def test_the_steps_are_listed_and_each_is_there() -> None:
    result = run("--list")
    assert (result.returncode, result.stderr) == (0, "")
    steps = re.findall(r"^  (\S+) +\S", result.stdout, re.MULTILINE)
    assert {"format", "unit", "end-to-end"} <= set(steps)
    functions = re.findall(r"^(\w+)\(\) ", SCRIPT.read_text(), re.MULTILINE)
    assert {step.replace("-", "_") for step in steps} <= set(functions)


def test_an_unknown_step_runs_nothing() -> None:
    result = run("unit", "nonsense")
    assert (result.returncode, result.stdout) == (64, "")
    assert "unknown step: nonsense" in result.stderr and "quick-start" in result.stderr
