"""What cannot be written leaves nothing half-written behind, and one message."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from report_samples import CLEAN, exchange, write_log

from reports.errors import OutputError
from reports.files import write_file
from reports.har import write_har
from reports.merging import merge_logs
from reports.render import write_reports


@pytest.fixture
def little_room() -> Iterator[None]:
    """No file may grow beyond a few bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_cannot_be_written_whole_is_not_there_at_all(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    log, out = write_log(tmp_path / "log", [(exchange(), CLEAN)]), tmp_path / "out"
    request.getfixturevalue("little_room")
    for write in (
        lambda: write_file(out / "file", "x" * 1000),
        lambda: write_har(log, out / "exchanges.har"),
        lambda: merge_logs([log], out / "merged"),
        lambda: write_reports(log, out),
    ):
        with pytest.raises(OutputError, match="cannot be written"):
            write()
        assert list(out.iterdir()) == []


def test_what_was_there_stays_where_it_cannot_be_replaced(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    write_file(tmp_path / "file", "before")
    request.getfixturevalue("little_room")
    with pytest.raises(OutputError):
        write_file(tmp_path / "file", "x" * 1000)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("file", "before")]
