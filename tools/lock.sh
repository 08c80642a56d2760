#!/usr/bin/env bash
# Choose versions anew and write the lock files, with hashes and without index addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
options=(--quiet --generate-hashes --strip-extras --no-header --no-annotate --allow-unsafe
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links "$@")

.venv/bin/pip-compile "${options[@]}" --output-file requirements.lock pyproject.toml
.venv/bin/python -c '
import pathlib, tomllib
groups = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["dependency-groups"]
lock = pathlib.Path("requirements.lock").resolve()
print(f"-c {lock}", *groups["dev"], sep="\n")
' | .venv/bin/pip-compile "${options[@]}" --output-file tests/requirements.lock -
