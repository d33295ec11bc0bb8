"""What an operator may choose, read from the environment and from `.env` in the working folder."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Self

from apscheduler.triggers.cron import CronTrigger
from limits import parse_many
from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network


class JobsRun(StrEnum):
    """Where jobs run."""

    EMBEDDED = "embedded"  # in this process
    CELERY = "celery"  # in workers, with Redis between


class Fallback(StrEnum):
    """What happens to a job when the provider fails."""

    NONE = "none"  # the job fails
    EXTRACTIVE = "extractive"  # the site's own weightiest sentences are the summary, marked as such


class Settings(BaseSettings):
    """The settings of one process, frozen from its start to its end. Lists are separated by commas."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    # Provider. Without a key the service starts and answers; what needs the provider then fails, and says so.
    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    openai_model: str = "gpt-4o-mini"
    openai_timeout_s: float = Field(default=60.0, gt=0)
    openai_max_retries: int = Field(default=2, ge=0, le=10)
    openai_requests_per_minute: int = Field(default=60, ge=1)
    openai_breaker_failures: int = Field(default=5, ge=1)
    openai_breaker_reset_s: float = Field(default=60.0, gt=0)
    openai_fallback: Fallback = Fallback.NONE
    max_prompt_chars: int = Field(default=24_000, ge=1000)

    # Database.
    database_path: Path = Path("summaries.db")
    database_pool_size: int = Field(default=10, ge=1)
    database_max_overflow: int = Field(default=20, ge=0)
    database_pool_timeout_s: float = Field(default=30.0, gt=0)
    sqlite_busy_timeout_s: float = Field(default=30.0, ge=0)
    migrate_on_start: bool = True
    retention_days: int = Field(default=90, ge=0)  # 0 keeps summaries for ever

    # Crawling.
    user_agent: str = "digest/1.0"
    page_timeout_s: float = Field(default=10.0, gt=0)
    page_bytes: int = Field(default=5_000_000, ge=1000)
    page_redirects: int = Field(default=5, ge=0)
    page_delay_s: float = Field(default=0.0, ge=0)
    # Networks that are not public and may be crawled all the same.
    allowed_networks: Annotated[tuple[Network, ...], NoDecode] = ()

    # Jobs.
    jobs_run: JobsRun = JobsRun.EMBEDDED
    redis_url: str = "redis://127.0.0.1:6379/0"
    concurrent_jobs: int = Field(default=4, ge=1)
    job_attempts: int = Field(default=3, ge=1)  # how often a job may be begun before it is given up
    shutdown_grace_s: float = Field(default=2.0, ge=0)
    scheduled_urls: Annotated[tuple[HttpUrl, ...], NoDecode] = ()
    schedule_cron: str = "0 0 * * *"

    # Webhooks. Nothing is sent without an address, and nothing is accepted without a secret.
    webhook_url: HttpUrl | None = None
    webhook_secret: SecretStr | None = None
    webhook_timeout_s: float = Field(default=5.0, gt=0)
    webhook_attempts: int = Field(default=5, ge=1)
    webhook_backoff_s: float = Field(default=2.0, gt=0)
    webhook_tolerance_s: float = Field(default=300.0, gt=0)

    # Backups.
    backup_folder: Path = Path("backups")
    backup_cron: str | None = "0 2 * * *"
    backup_keep_days: int = Field(default=7, ge=1)

    # The HTTP side.
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    rate_limit: str | None = None  # of everything, for one client, as in "1000/minute"
    rate_limit_scrape: str | None = "5/minute"
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    stats_cache_s: float = Field(default=300.0, ge=0)
    provider_check_s: float = Field(default=30.0, ge=0)  # how long a check of the provider's health holds
    debug: bool = False  # error bodies say what happened; never in production
    debug_memory: bool = False  # GET /debug/memory
    recent_requests: int = Field(default=100, ge=0)  # kept for GET /debug/requests; 0 keeps all

    log_path: Path = Path("digest.log")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$")

    @field_validator("allowed_networks", "scheduled_urls", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("openai_api_key", "webhook_url", "webhook_secret", "backup_cron", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("rate_limit", "rate_limit_scrape")
    @classmethod
    def _is_a_rate(cls, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        try:
            parse_many(value)
        except ValueError as err:
            raise ValueError("write it as in 5/minute") from err
        return value

    @field_validator("schedule_cron", "backup_cron")
    @classmethod
    def _is_a_cron_line(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                CronTrigger.from_crontab(value, timezone="UTC")
            except ValueError as err:
                raise ValueError("write five cron fields, as in 0 2 * * *") from err
        return value

    @model_validator(mode="after")
    def _webhooks_are_signed(self) -> Self:
        if self.webhook_url is not None and self.webhook_secret is None:
            raise ValueError("WEBHOOK_URL is set and WEBHOOK_SECRET is not: receivers could not tell who sends")
        return self


class InvalidSettings(Exception):
    """The environment or `.env` holds values that the service cannot start with."""


def load() -> Settings:
    """Read the settings.

    Raises:
        InvalidSettings: with one line for each setting that is wrong; values are not repeated.
    """
    try:
        return Settings()
    except ValidationError as err:
        lines = (_line(problem["loc"], problem["msg"]) for problem in err.errors())
        raise InvalidSettings("\n".join(lines)) from err


def _line(place: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    return f"{str(place[0]).upper()}: {text}" if place else text
