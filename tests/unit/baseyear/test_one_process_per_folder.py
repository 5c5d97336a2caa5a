"""Two processes never start and stop the database of one folder."""

import json
from pathlib import Path

import pytest

from baseyear.serving import AlreadyServing, only_process
from kernel.settings import Settings


def test_a_second_process_is_told_where_the_first_serves(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with only_process(settings):
        (tmp_path / "serving.json").write_text(json.dumps({"url": "http://127.0.0.1:8000"}))
        with pytest.raises(AlreadyServing, match=r"already serves from .* at http://127\.0\.0\.1:8000") as refused, only_process(settings):
            pass

    assert refused.value.url == "http://127.0.0.1:8000"


def test_a_second_process_is_refused_also_before_the_first_said_where(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with only_process(settings), pytest.raises(AlreadyServing) as refused, only_process(settings):
        pass

    assert refused.value.url is None


def test_the_folder_is_free_after_the_first_has_ended(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "made" / "on" / "first" / "start")
    for _ in range(2):
        with only_process(settings):
            assert settings.home.is_dir()
