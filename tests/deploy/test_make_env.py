"""`make env`: secrets that are random, private, made once, and fit together."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import jwt
import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "make_env.sh"


def make(path: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}
    return subprocess.run(["sh", str(SCRIPT), str(path)], capture_output=True, text=True, env=environment)


def values(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


@pytest.fixture
def env(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    made = make(path)
    assert made.returncode == 0, made.stderr
    return path


def test_only_the_owner_may_read_it(env: Path) -> None:
    assert stat.S_IMODE(env.stat().st_mode) == 0o600


def test_nothing_secret_is_printed(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    output = make(path).stdout
    assert not [name for name, value in values(path).items() if len(value) > 10 and value in output]


def test_two_installations_share_no_secret(env: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.env"
    make(other)
    ours, theirs = values(env), values(other)
    assert {name for name in ours if ours[name] == theirs[name]} == {"PUBLIC_URL", "DOCKER_GID"}


def test_a_second_run_changes_nothing_and_a_lost_value_is_made_again(env: Path) -> None:
    before = env.read_text()
    assert make(env).returncode == 0
    assert env.read_text() == before
    kept = "".join(line for line in before.splitlines(keepends=True) if not line.startswith("POSTGRES_PASSWORD"))
    env.write_text(kept)
    assert make(env).returncode == 0
    assert env.read_text().startswith(kept)
    assert values(env).keys() == {*values_of(before)}


def values_of(text: str) -> list[str]:
    return [line.partition("=")[0] for line in text.splitlines() if line and not line.startswith("#")]


def test_what_somebody_wrote_themselves_stays(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("PUBLIC_URL=https://nightdesk.example.org\nOPENAI_API_KEY=mine")
    assert make(path).returncode == 0
    assert values(path)["PUBLIC_URL"] == "https://nightdesk.example.org"
    assert values(path)["OPENAI_API_KEY"] == "mine"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_half_a_set_of_keys_is_refused_with_a_sentence(env: Path) -> None:
    env.write_text("".join(line for line in env.read_text().splitlines(keepends=True) if "JWT_JWKS" not in line))
    refused = make(env)
    assert refused.returncode == 1
    assert "JWT_JWKS" in refused.stderr
    assert "belong together" in refused.stderr


def test_the_keys_of_programs_verify_with_the_published_key(env: Path) -> None:
    made = values(env)
    published = jwt.PyJWKSet.from_dict(json.loads(made["JWT_JWKS"]))
    (private,) = json.loads(made["JWT_KEYS"])
    assert "d" in private
    assert '"d"' not in made["JWT_JWKS"]
    assert "sign" in private["key_ops"]
    for name, role in (("SUPABASE_ANON_KEY", "anon"), ("SUPABASE_SERVICE_ROLE_KEY", "service_role")):
        key = published[jwt.get_unverified_header(made[name])["kid"]]
        assert jwt.decode(made[name], key, algorithms=["ES256"])["role"] == role
    assert jwt.decode(made["REALTIME_HEALTH_TOKEN"], made["JWT_SECRET"], algorithms=["HS256"])["role"] == "anon"


def test_the_private_key_signs_what_the_published_one_verifies(env: Path) -> None:
    (private,) = json.loads(values(env)["JWT_KEYS"])
    published = jwt.PyJWKSet.from_dict(json.loads(values(env)["JWT_JWKS"]))
    token = jwt.encode({"sub": "x"}, jwt.PyJWK(private).key, algorithm="ES256", headers={"kid": private["kid"]})
    assert jwt.decode(token, published[private["kid"]], algorithms=["ES256"]) == {"sub": "x"}


def test_lengths_are_what_the_services_insist_on(env: Path) -> None:
    made = values(env)
    assert len(made["REALTIME_DB_ENC_KEY"]) == 16
    assert len(made["REALTIME_SECRET_KEY_BASE"]) >= 64
    assert len(made["JWT_SECRET"]) >= 32
