"""5,000 rounds of building and verifying, and 2,000 failed constructions, leave memory where it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_nothing_leaks() -> None:
    program = Path(__file__).with_name("leak_rounds.py")
    ran = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, ran.stdout + ran.stderr
