"""What an operator may choose, read from the environment and from `.env` in the working folder."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one process, frozen from its start to its end."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    # Without a key the service starts and answers; what needs the provider then fails, and says so.
    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    openai_model: str = "gpt-4o-mini"
    openai_timeout_s: float = Field(default=60.0, gt=0)
    openai_max_retries: int = Field(default=2, ge=0, le=10)

    database_path: Path = Path("summaries.db")
    sqlite_busy_timeout_s: float = Field(default=5.0, ge=0)
    log_path: Path = Path("digest.log")

    page_timeout_s: float = Field(default=10.0, gt=0)
    max_prompt_chars: int = Field(default=24_000, ge=1000)
    concurrent_jobs: int = Field(default=4, ge=1)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)


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
        lines = (f"{str(problem['loc'][0]).upper()}: {problem['msg']}" for problem in err.errors())
        raise InvalidSettings("\n".join(lines)) from err
