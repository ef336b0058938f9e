"""What can be set about the HTTP face, with safe defaults; refuses to be reachable by others without a credential."""

from __future__ import annotations

from ipaddress import ip_address

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from graph.errors import ConfigurationError

MIN_TOKEN_LENGTH = 16


class ApiSettings(BaseModel):
    """Settings of the API process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on; one that others can reach needs a token.")
    port: int = Field(8000, ge=0, le=65_535, description="TCP port to listen on.")
    token: SecretStr | None = Field(
        None, description="Credential that every call must carry; none on this machine only."
    )
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Host names callers may use besides localhost; empty: any, once a token is set."
    )
    introspection: bool = Field(True, description="Whether GraphQL tells its schema to callers (GraphiQL needs it).")
    max_body_bytes: int = Field(5_000_000, gt=0, description="Largest request body, bytes.")
    max_graphql_bytes: int = Field(100_000, gt=0, description="Largest body of a GraphQL call, bytes.")
    max_rows: int = Field(1_000, gt=0, description="Most transactions in one call of /api/v1/score.")
    score_deadline_ms: float = Field(
        1_000, gt=0, description="Longest wait for a score, milliseconds; then the answer says so (analyze: review)."
    )
    most_together: int = Field(256, gt=0, description="Most transactions of concurrent calls scored in one step.")
    most_waiting: int = Field(2_000, gt=0, description="Most transactions that wait for a score; more are refused.")
    idempotency_hours: float = Field(
        24, gt=0, le=8_760, description="How long the answer to a call with an idempotency key is kept, hours."
    )
    graphql_depth: int = Field(12, gt=0, description="Deepest nesting of one GraphQL document.")
    graphql_aliases: int = Field(
        30, ge=0, description="Most aliased fields in one GraphQL document, fragments expanded."
    )
    graphql_tokens: int = Field(2_000, gt=0, description="Most lexical tokens in one GraphQL document.")
    graphql_cost: int = Field(
        10_000, gt=0, description="Highest cost of one GraphQL operation, in fields it may return."
    )


def check_bind(settings: ApiSettings) -> None:
    """Raise `ConfigurationError` when others could reach the service without a credential, or the token is short."""
    if settings.token is None:
        if not is_loopback(settings.host):
            raise ConfigurationError(
                f"refusing to listen on {settings.host} without credentials: anyone could read everything",
                cure=f"set a token of at least {MIN_TOKEN_LENGTH} characters, or listen on 127.0.0.1",
            )
    elif len(settings.token.get_secret_value()) < MIN_TOKEN_LENGTH:
        raise ConfigurationError(
            "the API token is too short to resist guessing", cure=f"give at least {MIN_TOKEN_LENGTH} characters"
        )


def is_loopback(host: str) -> bool:
    """Whether `host` can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
