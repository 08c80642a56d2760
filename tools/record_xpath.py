"""Ask JavaRosa every expression of tests/data/xpath again and write down what it answers.

Run from the repository: `python -m tools.record_xpath [NAME…]`. Needs java and javac. A new case
is a line `{"expression": "…"}` in one of the files. The clock cannot be set, so no case may
depend on it: no value of now() or today(), of a node of type time no more than its hours, and no
decimal-time() in a zone with summer time, where JavaRosa applies the offset of today.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.helpers import recorded
from tests.helpers.javarosa import compile_phone
from tests.helpers.recorded import Recorded
from tests.helpers.verdicts import open_judge


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as classes, open_judge(compile_phone(Path(classes))) as java:
        for name in names or recorded.names():
            questions = [case.question for case in recorded.load(name)]
            answers = java.evaluate(questions)
            recorded.save(name, map(Recorded, questions, answers))
            print(f"{name}: {len(questions)}")


if __name__ == "__main__":
    main(sys.argv[1:])
