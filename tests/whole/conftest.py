"""A phone with JavaRosa, compiled once for each worker of the test run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import leave_out
from tests.helpers.javarosa import JavaPhone, compile_phone, is_installed
from tests.helpers.verdicts import Judge, open_judge


@pytest.fixture(scope="session")
def java_phone(tmp_path_factory: pytest.TempPathFactory) -> JavaPhone:
    if not is_installed():
        leave_out("java and javac are missing")
    return compile_phone(tmp_path_factory.mktemp("javarosa"))


@pytest.fixture(scope="session")
def judge(java_phone: JavaPhone) -> Iterator[Judge]:
    with open_judge(java_phone) as started:
        yield started
