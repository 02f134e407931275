"""Every setting there is: from the environment or nightdesk.toml, read once, never changed."""

import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from backend.errors import NightdeskError

CONFIG_FILE_VARIABLE = "NIGHTDESK_CONFIG"


class BadSettings(NightdeskError):
    """A setting has a value that cannot work."""

    code = "bad_settings"


def _named(*names: str) -> AliasChoices:
    return AliasChoices(*names)


class Settings(BaseSettings):
    """Settings of every Nightdesk process. Variables are NIGHTDESK_<NAME>, plus the usual names of other tools."""

    model_config = SettingsConfigDict(env_prefix="NIGHTDESK_", frozen=True, extra="ignore", populate_by_name=True)

    # Where it runs
    data_dir: Path = Field(Path(".nightdesk"), description="Database, keys and state of one embedded instance.")
    host: str = Field("127.0.0.1", description="Address the HTTP door listens on.")
    port: int = Field(8700, ge=1, le=65535, description="Port the HTTP door listens on.")
    public_url: str | None = Field(None, description="How browsers reach this instance; default http://HOST:PORT.")
    admin_email: str = Field("admin@nightdesk.local", description="Owner created at the first start.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe log line shown.")
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: console in a terminal, else JSON."
    )

    # State
    database_url: SecretStr | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_DATABASE_URL", "DATABASE_URL", "database_url"),
        description="PostgreSQL to use instead of the embedded one; session mode, not port 6543.",
    )
    db_pool_size: int = Field(8, ge=2, le=100, description="Database connections a process keeps.")
    supabase_url: str | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_SUPABASE_URL", "SUPABASE_URL", "supabase_url"),
        description="Hosted or self-hosted Supabase project; empty: embedded auth and realtime.",
    )
    supabase_internal_url: str | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_SUPABASE_INTERNAL_URL", "SUPABASE_INTERNAL_URL", "supabase_internal_url"),
        description="How these processes reach Supabase when not at its public URL, as in docker-compose.yml.",
    )
    supabase_anon_key: str | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_SUPABASE_ANON_KEY", "SUPABASE_ANON_KEY", "supabase_anon_key"),
        description="Publishable key that browsers send to Supabase.",
    )
    supabase_service_role_key: SecretStr | None = Field(
        None,
        validation_alias=_named(
            "NIGHTDESK_SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SERVICE_ROLE_KEY", "supabase_service_role_key"
        ),
        description="Secret key for user administration on Supabase.",
    )
    supabase_jwt_secret: SecretStr | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_SUPABASE_JWT_SECRET", "SUPABASE_JWT_SECRET", "supabase_jwt_secret"),
        description="Only for projects that still sign tokens with HS256.",
    )

    # What the agent may look at
    docker_host: str | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_DOCKER_HOST", "DOCKER_HOST", "docker_host"),
        description="Docker engine; default the local socket when there is one.",
    )
    podman_host: str | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_PODMAN_HOST", "PODMAN_HOST", "podman_host"),
        description="Podman's API; default its local socket when there is one, and no Docker.",
    )
    kubeconfig: str | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_KUBECONFIG", "KUBECONFIG", "kubeconfig"),
        description="kubeconfig file of the cluster to look at; inside a cluster its service account is used.",
    )
    kubernetes_context: str | None = Field(None, description="Context of the kubeconfig; default its current one.")
    prometheus_url: str | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_PROMETHEUS_URL", "PROMETHEUS_URL", "prometheus_url"),
        description="Prometheus to take snapshots from.",
    )
    loki_url: str | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_LOKI_URL", "LOKI_URL", "loki_url"),
        description="Loki to read logs from.",
    )
    postgres_targets: Annotated[dict[str, SecretStr], NoDecode] = Field(
        {}, description="PostgreSQL to look at: NAME=postgresql://ROLE:PASSWORD@HOST/DATABASE, separated by spaces."
    )
    log_roots: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="Folders whose log files a monitor may name as evidence, separated by colons."
    )
    source_timeout_seconds: float = Field(5, gt=0, le=60, description="Time one source has to answer.")
    log_read_bytes: int = Field(16_000_000, ge=10_000, description="Most that is read of one log to choose from.")
    source_max_bytes: int = Field(2_000_000, ge=10_000, description="Most that is kept of one source's answer.")
    investigation_timeout_seconds: float = Field(60, gt=0, description="Time an investigation has without a model.")

    # The model
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_OPENAI_API_KEY", "OPENAI_API_KEY", "openai_api_key"),
        description="Key of an OpenAI-compatible endpoint; without it and a base URL the rules work alone.",
    )
    openai_base_url: str | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_OPENAI_BASE_URL", "OPENAI_BASE_URL", "openai_base_url"),
        description="Base URL of the endpoint.",
    )
    openai_model: str = Field(
        "gpt-5-mini",
        validation_alias=_named("NIGHTDESK_OPENAI_MODEL", "OPENAI_MODEL", "openai_model"),
        description="Model name sent to the endpoint; for Azure the name of the deployment.",
    )
    openai_api_version: str | None = Field(
        None,
        validation_alias=_named("NIGHTDESK_OPENAI_API_VERSION", "OPENAI_API_VERSION", "openai_api_version"),
        description="Version of Azure's API; set: the base URL is that of an Azure OpenAI resource.",
    )
    llm_timeout_seconds: float = Field(60, gt=0, description="Time one model call has.")
    llm_total_timeout_seconds: float = Field(120, gt=0, description="Time all model calls of an investigation have.")
    llm_max_steps: int = Field(6, ge=1, le=30, description="Model calls per investigation.")
    llm_max_tokens: int = Field(60_000, ge=1000, description="Tokens, in and out, per investigation.")
    llm_max_cost_usd: float = Field(0.5, ge=0, description="US dollars the model may cost per investigation.")
    llm_monthly_cap_usd: float = Field(
        50, ge=0, description="US dollars the model may cost a team per month; a team may set itself less."
    )
    llm_price_in_usd: float = Field(0.25, ge=0, description="US dollars per million tokens sent; 0 for your own model.")
    llm_price_out_usd: float = Field(2.0, ge=0, description="US dollars per million tokens answered.")

    # Decisions and repair
    proposal_ttl_seconds: float = Field(3600, gt=0, description="How long a proposal can be approved.")
    max_rounds: int = Field(3, ge=1, le=10, description="Investigations per incident before a person must take over.")
    max_attempts_per_target: int = Field(3, ge=1, description="Executions on one target within the attempts window.")
    attempts_window_seconds: float = Field(3600, gt=0, description="Window for max_attempts_per_target.")
    verify_patience_seconds: float = Field(
        300, ge=0, description="How long a firing alert may take to resolve after an action."
    )

    # Sign-in
    captcha_after_failures: int = Field(5, ge=1, description="Failed sign-ins of one account before a CAPTCHA.")
    captcha_max_number: int = Field(50_000, ge=10, le=10_000_000, description="Work a CAPTCHA asks of a browser.")
    login_attempts_keep_days: int = Field(90, ge=1, description="How long attempts to sign in are kept.")
    signin_block_after_failures: int = Field(60, ge=2, description="Failures from one address before it is blocked.")
    signin_block_seconds: float = Field(3600, gt=0, description="How long an address stays blocked.")
    signin_delay_after_failures: int = Field(3, ge=1, description="Failed sign-ins of one account before it waits.")
    signin_delay_max_seconds: float = Field(60, ge=1, description="Longest wait between two attempts on one account.")
    signin_window_seconds: float = Field(3600, gt=0, description="How long failed sign-ins count.")
    signup_open: bool = Field(False, description="Whether strangers may make an account; invitations always work.")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="Networks whose X-Forwarded-For is believed, separated by commas."
    )

    # Mail
    mail_from: str = Field("Nightdesk <nightdesk@localhost>", description="Sender of mail.")
    smtp_url: SecretStr | None = Field(
        None, description="smtp://, smtp+starttls:// or smtps://USER:PASSWORD@HOST:PORT; empty: no mail is sent."
    )

    # Teams
    invitation_days: int = Field(7, ge=1, le=90, description="How long an invitation can be accepted.")
    team_creation: Literal["platform_admins", "everybody"] = Field(
        "platform_admins",
        description="Who may make a team; its owner then works with what this installation is connected to.",
    )
    team_plan: str = Field("unlimited", description="Plan of a new team.")
    trial_days: int = Field(0, ge=0, le=3650, description="Trial of a new team; 0: none.")

    # The door
    access_token_seconds: int = Field(3600, ge=5, le=604_800, description="Life of an access token; embedded only.")
    geoip_path: Path | None = Field(None, description="File in MaxMind's format that says where addresses are.")
    realtime_max_sockets: int = Field(2000, ge=1, description="Live connections one process takes; embedded only.")
    webhook_max_bytes: int = Field(16_000_000, ge=10_000, description="Largest webhook body taken.")
    monitor_checks_keep_days: int = Field(35, ge=1, description="How long single check results are kept.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        if os.environ.get(CONFIG_FILE_VARIABLE):
            # Without its default name, a file that is missing is a mistake.
            _file().stat()
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _file()))

    @field_validator("log_roots", mode="before")
    @classmethod
    def _split_paths(cls, value: Any) -> Any:
        return tuple(part for part in value.split(":") if part) if isinstance(value, str) else value

    @field_validator("postgres_targets", mode="before")
    @classmethod
    def _split_targets(cls, value: Any) -> Any:
        pairs = [part.partition("=") for part in value.split()] if isinstance(value, str) else None
        found = {name: url for name, _, url in pairs} if pairs is not None else value
        for name, url in found.items() if isinstance(found, dict) else ():
            text = url.get_secret_value() if isinstance(url, SecretStr) else str(url)
            # The value holds a password, so the sentence does not repeat it.
            if not name or not text.startswith(("postgresql://", "postgres://")):
                raise ValueError("each target is NAME=postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE")
        return found

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_networks(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("smtp_url", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None

    @field_validator("database_url")
    @classmethod
    def _no_transaction_pooler(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and ":6543/" in value.get_secret_value():
            raise ValueError(
                "port 6543 is Supabase's transaction pooler, which cannot LISTEN or hold locks; "
                "use the session pooler or the direct connection on port 5432"
            )
        return value

    @field_validator(
        "prometheus_url", "loki_url", "supabase_url", "supabase_internal_url", "public_url", "openai_base_url"
    )
    @classmethod
    def _http_url(cls, value: str | None) -> str | None:
        if not value:
            return None
        HttpUrl(value)
        return value.rstrip("/")

    @property
    def url(self) -> str:
        """How clients on this machine reach the instance."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def supabase_inside(self) -> str | None:
        """How these processes reach Supabase; `supabase_url` is for browsers, and names the issuer of tokens."""
        return self.supabase_url and (self.supabase_internal_url or self.supabase_url)

    @property
    def has_model(self) -> bool:
        """Is there a model to ask? Endpoints of one's own need no key."""
        return bool(self.openai_base_url or (self.openai_api_key and self.openai_api_key.get_secret_value()))

    @property
    def mode(self) -> Literal["embedded", "supabase"]:
        """Who serves sign-in and realtime."""
        return "supabase" if self.supabase_url else "embedded"


def load_settings(**overrides: Any) -> Settings:
    """Reads the settings once. Raises BadSettings with a sentence that names the setting."""
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})
    except ValidationError as error:
        raise BadSettings("; ".join(_sentence(e) for e in error.errors())) from None
    except (OSError, TOMLDecodeError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise BadSettings(
            f"{_file()}: {why}. Settings are read from it; to use another file, or none, name it in "
            f"{CONFIG_FILE_VARIABLE}, or work in another folder."
        ) from None


def _file() -> Path:
    return Path(os.environ.get(CONFIG_FILE_VARIABLE) or "nightdesk.toml")


def _sentence(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"]) or "settings"
    variable = name if name.isupper() else f"NIGHTDESK_{name.upper()}"
    return f"{variable}: {error['msg'].removeprefix('Value error, ')}"
