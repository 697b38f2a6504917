"""The browser's types are those that the API generates now: who changes a shape runs `npm run client` and keeps the result."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.config import Settings
from app.main import create_api
from app.parts import assemble
from scripts.frontend import FRONTEND, MODULES
from scripts.node import found
from tests.servers import KEY

GENERATOR = MODULES / "@hey-api" / "openapi-ts" / "bin" / "run.js"


def test_the_tracked_client_is_what_the_api_generates(tmp_path: Path) -> None:
    if not GENERATOR.is_file():
        assert os.environ.get("CI") != "true", (
            "with CI=true nothing may be left out: the frontend's packages are missing"
        )
        pytest.skip("left out: the frontend's packages are not installed (make test installs them)")
    api = create_api(assemble(Settings(var=tmp_path, secret_key=SecretStr(KEY))))
    document, made = tmp_path / "openapi.json", tmp_path / "client"
    document.write_text(json.dumps(api.openapi(), ensure_ascii=False))
    line = [found()[0], GENERATOR, "--input", document, "--output", made, "--plugins", "@hey-api/typescript"]
    done = subprocess.run(line, cwd=FRONTEND, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    tracked = FRONTEND / "src" / "client"
    new, kept = ({path.name: path.read_text() for path in folder.iterdir()} for folder in (made, tracked))
    assert new.keys() == kept.keys()
    stale = [name for name in new if new[name] != kept[name]]
    assert stale == [], "run: python -m app openapi > frontend/openapi.json, and npm run client in frontend/"
