"""Settings: each wrong variable is refused with its sentence."""

import os
from pathlib import Path

import pytest

from kernel.settings import Settings, SettingsRefused, load_settings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any setting of ours."""
    for name in os.environ:
        if name.startswith("BASEYEAR_"):
            monkeypatch.delenv(name)
    return monkeypatch


def refusal(environment: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        environment.setenv(name, value)
    with pytest.raises(SettingsRefused) as refused:
        load_settings()
    return str(refused.value)


def test_without_any_variable_it_serves_at_home(environment: pytest.MonkeyPatch) -> None:
    settings = load_settings()

    assert (settings.home, settings.host, settings.port, settings.database_url) == (Path(".baseyear"), "127.0.0.1", 8000, None)


def test_an_empty_variable_is_as_none(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BASEYEAR_PORT", "")

    assert load_settings().port == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASEYEAR_PORT", "eighty"),
        ("BASEYEAR_PORT", "65536"),
        ("BASEYEAR_PORT", "-1"),
        ("BASEYEAR_PUBLIC_URL", "baseyear.example.com"),
        ("BASEYEAR_PUBLIC_URL", "ftp://baseyear.example.com"),
        ("BASEYEAR_PUBLIC_URL", "https://baseyear.example.com/?a=b"),
        ("BASEYEAR_LOG_FORMAT", "xml"),
        ("BASEYEAR_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_refused_with_the_sentence_of_its_variable(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    message = refusal(environment, **{name: value})

    sentence = Settings.model_fields[name.removeprefix("BASEYEAR_").lower()].description
    assert sentence
    assert name in message
    assert sentence in message


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"BASEYEAR_OPERATOR_CLIENT_ID": "operator"}, "set both BASEYEAR_OPERATOR_CLIENT_ID and BASEYEAR_OPERATOR_CLIENT_SECRET"),
        ({"BASEYEAR_OPERATOR_CLIENT_SECRET": "s" * 24}, "set both BASEYEAR_OPERATOR_CLIENT_ID and BASEYEAR_OPERATOR_CLIENT_SECRET"),
        (
            {"BASEYEAR_OPERATOR_CLIENT_ID": "operator", "BASEYEAR_OPERATOR_CLIENT_SECRET": "short"},
            "BASEYEAR_OPERATOR_CLIENT_SECRET must have at least 8 characters",
        ),
        ({"BASEYEAR_TLS_CERT": "/cert.pem"}, "set both BASEYEAR_TLS_CERT and BASEYEAR_TLS_KEY"),
        ({"BASEYEAR_KAFKA_CERT": "/cert.pem"}, "set both BASEYEAR_KAFKA_CERT and BASEYEAR_KAFKA_KEY"),
        ({"BASEYEAR_KAFKA_SECURITY": "sasl_ssl"}, "needs BASEYEAR_KAFKA_USERNAME and BASEYEAR_KAFKA_PASSWORD"),
    ],
)
def test_variables_that_do_not_go_together_are_refused(environment: pytest.MonkeyPatch, variables: dict[str, str], sentence: str) -> None:
    assert sentence in refusal(environment, **variables)


def test_a_misspelt_variable_is_refused_with_the_one_that_was_meant(environment: pytest.MonkeyPatch) -> None:
    assert "BASEYEAR_PROT is not a setting of Baseyear; did you mean BASEYEAR_PORT?" in refusal(environment, BASEYEAR_PROT="80")


def test_a_misspelt_address_is_not_taken_for_that_of_a_service(environment: pytest.MonkeyPatch) -> None:
    assert "did you mean BASEYEAR_PUBLIC_URL?" in refusal(environment, BASEYEAR_PUBLC_URL="http://x")


def test_each_service_may_have_its_address_and_its_database(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BASEYEAR_FACTORS_URL", "http://factors:8000")
    environment.setenv("BASEYEAR_INVENTORY_DATABASE_URL", "postgresql://inventory:hunter2@db/inventory")

    settings = load_settings()

    assert settings.service_urls == {"factors": "http://factors:8000"}
    assert settings.service_database_urls["inventory"].get_secret_value().endswith("@db/inventory")
    assert "hunter2" not in repr(settings)


def test_a_file_in_the_folder_of_secrets_is_as_a_variable(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "baseyear_database_url").write_text("postgresql://inventory@db/inventory\n")
    (tmp_path / "baseyear_factors_database_url").write_text("postgresql://factors@db/factors\n")
    environment.setenv("BASEYEAR_SECRETS", str(tmp_path))

    settings = load_settings()

    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://inventory@db/inventory"
    assert settings.service_database_urls["factors"].get_secret_value() == "postgresql://factors@db/factors"


def test_a_variable_wins_over_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "baseyear_port").write_text("9000")
    environment.setenv("BASEYEAR_SECRETS", str(tmp_path))
    environment.setenv("BASEYEAR_PORT", "9001")

    assert load_settings().port == 9001


@pytest.mark.parametrize("name", ["BASEYEAR_TOKEN", "BASEYEAR_URL", "BASEYEAR_FACTORS_URL"])
def test_a_variable_that_resembles_no_setting_is_left_to_whom_it_belongs(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(name, "something of a client's own")

    assert load_settings().port == 8000


def test_all_mistakes_are_told_at_once(environment: pytest.MonkeyPatch) -> None:
    message = refusal(environment, BASEYEAR_PORT="eighty", BASEYEAR_LOG_LEVEL="loud", BASEYEAR_HOEM="x")

    assert all(name in message for name in ("BASEYEAR_PORT", "BASEYEAR_LOG_LEVEL", "BASEYEAR_HOEM"))


def test_a_refused_secret_is_not_shown(environment: pytest.MonkeyPatch) -> None:
    message = refusal(environment, BASEYEAR_OPERATOR_CLIENT_ID="operator", BASEYEAR_OPERATOR_CLIENT_SECRET="hunter2")

    assert "hunter2" not in message


def test_a_secret_is_not_shown_by_the_settings_themselves(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BASEYEAR_DATABASE_URL", "postgresql://admin:hunter2@db/baseyear")

    assert "hunter2" not in repr(load_settings())


def test_variables_of_others_and_of_tests_are_left_alone(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BASEYEAR_TEST_KAFKA", "x")
    environment.setenv("SOMETHING_ELSE", "x")

    load_settings()


def test_every_setting_has_a_sentence() -> None:
    assert all((field.description or "").endswith(".") for field in Settings.model_fields.values())
