"""Every setting of the service: one section per room, read from TARRAFA_* variables, checked once at start.

`TARRAFA_NEO4J_URI` is field `uri` of section `neo4j`. An unknown TARRAFA_ variable is an error that names the nearest
known one, so that a typing slip never runs with a default.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from api.settings import ApiSettings
from graph.errors import ConfigurationError

StoreName = Literal["kglite", "neo4j"]
#: What the embedded store keeps by default; its graph lies in memory, at about 0.7 kB per movement.
EMBEDDED_MOVEMENTS = 1_000_000

#: Variables with the prefix that belong to tests and scripts, not to the service.
FOREIGN = frozenset({"TARRAFA_DATA", "TARRAFA_SERVERS_DIR"})


class Section(BaseModel):
    """Base of a section: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Neo4jSection(Section):
    """The Neo4j server, used with `--store neo4j`."""

    uri: str = Field("bolt://127.0.0.1:7687", description="Bolt address")
    user: str = Field("neo4j", description="user name")
    password: SecretStr = Field(SecretStr(""), description="password; empty means the server asks for none")


class GraphSection(Section):
    """What the graph store keeps of the log."""

    keep_movements: int | None = Field(
        None,
        ge=0,
        description="newest movements kept one by one, 0 for all; not given: 1,000,000 embedded, all on neo4j",
    )


class KafkaSection(Section):
    """The broker that `tarrafa serve` and `tarrafa consume` take messages from."""

    bootstrap: str = Field("", description="host:port of a broker, several with commas; empty means no broker")
    topic: str = Field(
        "tarrafa-events",
        min_length=1,
        description="topics that are read, with commas; `all` declared ones; one called otherwise as NAME=FORM",
    )
    prefix: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,60}$", description="stands before the name of every topic")
    publish: bool = Field(
        True, description="whether scores, alerts, ring changes, dead letters and audit are published"
    )
    create: bool = Field(True, description="whether declared topics that are absent are made at the start")
    group: str = Field(
        "tarrafa", min_length=1, description="consumer group; a second home on one topic needs a group of its own"
    )


class LedgerSection(Section):
    """Where decisions, rings as answered, set-aside rows and jobs are kept."""

    url: str = Field("", description="SQLAlchemy URL (postgresql+psycopg://...); empty means SQLite in the home")


class IdentitySection(Section):
    """The secret behind the keyed hashes of personal identifiers, and the key that signs."""

    secret: SecretStr | None = Field(None, description="the secret itself, at least 16 characters; wins over key_file")
    key_file: Path = Field(
        Path("~/.config/tarrafa/identifier.key"),
        description="file with the secret, made on first use; kept apart from the data, shared by all homes",
    )
    signing_key_file: Path = Field(
        Path("~/.config/tarrafa/signing.key"),
        description="file with the key that seals of the event log are signed with, made on first use",
    )


class WindowSection(Section):
    """The hot window."""

    horizon_days: int = Field(35, ge=31, le=400, description="days of events kept in memory")
    max_events: int = Field(
        10_000_000, ge=1_000, description="most events kept in memory, at about 250 bytes each; the oldest go first"
    )
    lateness_minutes: int = Field(
        10, ge=0, le=43_200, description="how late an event may come before what it changes counts as a correction"
    )
    checkpoint_events: int = Field(
        100_000, ge=0, description="events between two checkpoints of memory on disk; 0 keeps none, not even at a stop"
    )


class ScoringSection(Section):
    """Decision bands on the 0-100 score."""

    approve: float = Field(30.0, ge=0, le=100, description="approve up to this score")
    review: float = Field(70.0, ge=0, le=100, description="review up to this score, deny above")

    @model_validator(mode="after")
    def _in_order(self) -> ScoringSection:
        if self.approve >= self.review:
            raise ValueError("approve must be below review")
        return self


class ModelsSection(Section):
    """Training of learnt models."""

    label_delay_days: float = Field(
        7.0, ge=0, le=3_650, description="days after which a label that was given counts in training"
    )
    label_share: float = Field(
        0.2, gt=0, le=1, description="most that one source of labels may give of the fraudulent or honest ones"
    )
    trusted_sources: tuple[str, ...] = Field(("file",), description="sources of labels without that limit")
    signing_key: SecretStr | None = Field(
        None, description="key that models are signed with; where there is one, only models signed with it are used"
    )


class PipelineSection(Section):
    """The path from the log to the stores."""

    flush_events: int = Field(5_000, ge=1, le=100_000, description="events written per transaction")
    batch_rows: int = Field(1_000, ge=1, le=100_000, description="input rows per batch")
    flush_seconds: float = Field(0.5, gt=0, le=60, description="longest time an answered event waits to be written")


class Settings(BaseSettings):
    """All sections, and the two choices every command takes."""

    model_config = SettingsConfigDict(
        env_prefix="TARRAFA_", env_nested_delimiter="_", env_nested_max_split=1, extra="forbid", frozen=True
    )

    home: Path = Field(Path("~/.tarrafa"), description="folder with log, ledger, embedded graph, keys and reports")
    store: StoreName = Field("kglite", description="graph store: embedded kglite, or a neo4j server")
    graph: GraphSection = GraphSection()
    neo4j: Neo4jSection = Neo4jSection()
    kafka: KafkaSection = KafkaSection()
    ledger: LedgerSection = LedgerSection()
    identity: IdentitySection = IdentitySection()
    window: WindowSection = WindowSection()
    scoring: ScoringSection = ScoringSection()
    models: ModelsSection = ModelsSection()
    pipeline: PipelineSection = PipelineSection()
    api: ApiSettings = ApiSettings()

    @property
    def keep_movements(self) -> int | None:
        """How many movements the chosen graph store keeps; None for all."""
        given = self.graph.keep_movements
        if given is None:
            return EMBEDDED_MOVEMENTS if self.store == "kglite" else None
        return given or None


def load_settings(*, home: Path | None = None, store: str | None = None) -> Settings:
    """Read the settings from the environment; `home` and `store` given on the command line win.

    Raises ConfigurationError naming the setting and what to change.
    """
    _refuse_unknown(os.environ)
    given = {name: value for name, value in (("home", home), ("store", store)) if value is not None}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as error:
        first = error.errors()[0]
        name = "TARRAFA_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"{name}: {first['msg']}", cure=f"change it; it is {first['input']!r} now") from error
    except SettingsError as error:  # a list that is not JSON; the library names only its section
        text = getattr(error.__cause__, "doc", None)
        name = next((name for name in known_variables() if os.environ.get(name) == text), "a TARRAFA_ variable")
        raise ConfigurationError(f"{name} is not a list", cure='write it as JSON, such as ["a.example"]') from error
    return settings.model_copy(update={"home": settings.home.expanduser().resolve()})


def known_variables() -> dict[str, str]:
    """Every environment variable the service reads, with its meaning."""
    variables: dict[str, str] = {}
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            for inner, detail in section.model_fields.items():
                variables[f"TARRAFA_{name}_{inner}".upper()] = detail.description or ""
        else:
            variables[f"TARRAFA_{name}".upper()] = field.description or ""
    return variables


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = known_variables()
    for name in sorted(environment):
        if name.startswith("TARRAFA_") and name not in known and name not in FOREIGN:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            raise ConfigurationError(f"unknown setting {name}", cure=f"did you mean {near[0]}?")
