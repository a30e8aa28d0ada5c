"""setup/venv.sh behind an air gap: the environment is made of the wheels that a bundle carried."""

import os
import shutil
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from tests.project import ROOT

NO_INDEX = "http://127.0.0.1:1/"
ABOUT = {
    "one.py": "",
    "one-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: one\nVersion: 1.0\n",
    "one-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "one-1.0.dist-info/RECORD": "",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout with one requirement, whose wheel a bundle has carried there."""
    (tmp_path / "setup").mkdir()
    for name in ("venv.sh", "say.sh"):
        shutil.copy2(ROOT / "setup" / name, tmp_path / "setup" / name)
    wheel = tmp_path / ".local" / "wheels" / "one-1.0-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w") as packed:
        for name, text in ABOUT.items():
            packed.writestr(name, text)
    told = sha256(wheel.read_bytes()).hexdigest()
    (tmp_path / "requirements.txt").write_text(f"one==1.0 --hash=sha256:{told}\n")
    (tmp_path / "requirements-dev.txt").write_text("nowhere==1.0 --hash=sha256:" + "0" * 64 + "\n")
    return tmp_path


def make_environment(checkout: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(checkout), "PIP_INDEX_URL": NO_INDEX, "PIP_RETRIES": "0"}
    script = checkout / "setup" / "venv.sh"
    return subprocess.run([script], env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_it_is_made_of_what_a_bundle_carried_without_an_index(checkout: Path) -> None:
    made = make_environment(checkout)
    assert made.returncode == 0, made.stderr
    assert "virtual environment from requirements.txt" in made.stdout
    subprocess.run([checkout / ".venv" / "bin" / "python", "-c", "import one"], check=True)
    assert make_environment(checkout).stdout == "", "it is made once"


def test_a_wheel_with_another_byte_is_refused_and_the_whole_one_is_taken_then(checkout: Path) -> None:
    [wheel] = (checkout / ".local" / "wheels").iterdir()
    whole = wheel.read_bytes()
    wheel.write_bytes(whole.replace(b"Name: one", b"Name: two"))
    refused = make_environment(checkout)
    assert refused.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in refused.stderr
    assert "error: what requirements.txt names could not be installed" in refused.stderr
    assert "Unpack the bundle's wheels anew" in refused.stderr
    wheel.write_bytes(whole)
    assert make_environment(checkout).returncode == 0
