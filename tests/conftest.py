import os
from pathlib import Path

import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: the longer run, 10,000 questions")


def pytest_collection_modifyitems(config, items):
    if config.option.markexpr:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


@pytest.fixture(scope="session")
def programs():
    """The folder with `uncac` and `uncac-suite`."""
    built = Path(__file__).resolve().parents[1] / "build" / "release" / "bin"
    folder = Path(os.environ.get("UNCAC_BIN_DIR", built))
    for name in ("uncac", "uncac-suite"):
        assert (folder / name).is_file(), f"no {name} in {folder}; set UNCAC_BIN_DIR"
    return folder
