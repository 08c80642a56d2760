"""How passwords are sealed where nobody hurries a test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from argon2 import extract_parameters
from argon2.low_level import Type

ROOT = Path(__file__).parents[3]
SEAL = "from server.auth.passwords import hash_password; print(hash_password('năm chiếc thuyền'))"


def test_a_password_is_sealed_with_argon2id_in_64_megabytes():
    done = subprocess.run(
        [sys.executable, "-c", SEAL],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    parameters = extract_parameters(done.stdout.strip())
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost) >= (65536, 3)
