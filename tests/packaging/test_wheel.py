"""An installed wheel has all it needs: the command, templates, static files, migrations, data; it runs from any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "swapmeet"
RENDER = """
import swapmeet, sys
from swapmeet.config import Settings
from swapmeet.infra.db import db
from pathlib import Path
assert Path(swapmeet.__file__).is_relative_to(sys.argv[1]), swapmeet.__file__
app = swapmeet.create_app(Settings(env="test", instance_path=Path("here"), secret_key="w" * 40, public_url="http://localhost"))
with app.app_context():
    db.create_all()
client = app.test_client()
for address in ("/", "/styleguide", "/static/css/theme.css", "/static/js/main.js"):
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
print("rendered")
"""


def run(installed: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the installed copy first on its path, in a folder that has nothing."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SWAPMEET_", "PYTHON"))}
    environ |= {"PYTHONPATH": str(installed), "SWAPMEET_INSTANCE": str(folder / "instance")}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def test_the_wheel_carries_every_template_and_static_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "static"):
        ours = {
            f"swapmeet/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / folder).rglob("*") if path.is_file()
        }
        assert ours - names == set()


def test_the_wheel_carries_the_whole_package_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    ignored = {"__pycache__", "templates", "static"}
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    ours = {path.relative_to(ROOT).as_posix() for path in files if not ignored & set(path.parts)}
    assert {name for name in ours if not name.endswith("/.gitkeep")} - names == set()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"swapmeet"}
    assert not [name for name in names if name.endswith(".pyc")]


def test_the_command_of_an_installed_wheel_helps(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "-m", "swapmeet", "--help")
    assert done.returncode == 0, done.stderr
    for name in ("run", "worker", "db", "create-admin", "demo", "import-show", "doctor", "backup", "restore", "routes"):
        assert f"  {name}" in done.stdout
    assert (installed / "bin" / "swapmeet").is_file()


def test_pages_and_static_files_of_an_installed_wheel_come_from_any_folder(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "-c", RENDER, str(installed))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "rendered\n"


def test_an_installed_wheel_builds_its_database(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "-m", "swapmeet", "db", "upgrade")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "instance" / "swapmeet.db").is_file()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]], ids=lambda arguments: str(arguments[0]))
def test_help_loads_no_framework_and_takes_half_a_second_at_most(arguments: list[str], tmp_path: Path) -> None:
    look = (
        "import os, sys\n"
        "from swapmeet.cli import main\n"
        f"sys.argv = ['swapmeet', *{arguments}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'flask', 'sqlalchemy', 'werkzeug', 'jinja2', 'scipy', 'PIL'} & set(sys.modules)))\n"
        "print(sum(os.times()[:2]))\n"
    )
    done = run(ROOT, tmp_path, "-c", look)
    loaded, seconds = done.stdout.splitlines()[-2:]
    assert loaded == "[]"
    assert float(seconds) <= 0.5


def test_the_web_process_loads_no_library_that_only_jobs_need(tmp_path: Path) -> None:
    look = "import swapmeet.wsgi, sys; print(sorted({'scipy', 'numpy', 'typst', 'PIL', 'xlsxwriter', 'openpyxl'} & set(sys.modules)))"
    done = run(ROOT, tmp_path, "-c", look)
    assert done.stdout == "[]\n", done.stderr
