"""Settings refuse what cannot work, in one sentence that names the setting."""

from pathlib import Path

import pytest

from backend.reference import document
from backend.settings import BadSettings, Settings, load_settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("DATABASE_URL", "PROMETHEUS_URL", "NIGHTDESK_PORT", "DOCKER_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("NIGHTDESK_PORT", "http", "NIGHTDESK_PORT"),
        ("NIGHTDESK_PORT", "0", "NIGHTDESK_PORT"),
        ("PROMETHEUS_URL", "not a url", "PROMETHEUS_URL"),
        ("DATABASE_URL", "postgresql://u:p@pooler.example.org:6543/postgres", "transaction pooler"),
        ("NIGHTDESK_LOG_LEVEL", "loud", "NIGHTDESK_LOG_LEVEL"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str):
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSettings) as error:
        load_settings()
    assert sentence in error.value.detail
    assert "u:p@" not in error.value.detail


def test_the_environment_wins_over_the_file_and_flags_over_both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "nightdesk.toml").write_text('port = 1111\nloki_url = "http://loki:3100/"\n')
    assert load_settings().port == 1111
    assert load_settings().loki_url == "http://loki:3100"
    monkeypatch.setenv("NIGHTDESK_PORT", "2222")
    assert load_settings().port == 2222
    assert load_settings(port=3333).port == 3333


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@db/postgres")
    shown = repr(load_settings())
    assert "very-secret" not in shown
    assert "hunter2" not in shown


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1  # pyright: ignore[reportAttributeAccessIssue]


def test_every_setting_is_documented():
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description in document()
