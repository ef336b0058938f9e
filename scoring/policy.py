"""What a score leads to: decision bands and alert budgets, per tenant and per caller profile.

What is not said for a tenant's profile is taken from the tenant, then from the profile everywhere, then from the
default. A movement names its tenant and profile in its attributes of these names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

import msgspec

from graph.errors import ConfigurationError
from graph.events import GovernanceChanged
from graph.evidence import Decision
from graph.window.records import Context
from scoring.declared import canonical_text, name_of_text, read_declared
from scoring.governance import SHIPPED, Versions

PART: Final = "policy"
STRICTNESS: Final = {decision: rank for rank, decision in enumerate(Decision)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Decision bands on the 0-100 score: approve <= `approve` < review <= `review` < deny.

    Decisions other than approve with a score above `alert_above` (not given: above `approve`) are candidates for an
    alert; the `alerts_per_day` best of a day and tenant become one.
    """

    approve: float = 30.0
    review: float = 70.0
    alert_above: float | None = None
    alerts_per_day: int = 200

    def __post_init__(self) -> None:
        if not 0 <= self.approve < self.review <= 100:
            raise ValueError(
                f"bands cross: approve {self.approve:g}, review {self.review:g}; give 0 <= approve < review <= 100"
            )
        if self.alert_above is not None and not 0 <= self.alert_above <= 100:
            raise ValueError(f"alert_above {self.alert_above:g}: give a score from 0 to 100")
        if not 0 <= self.alerts_per_day <= 1_000_000:
            raise ValueError(f"alerts_per_day {self.alerts_per_day}: give 0 to 1,000,000")

    def decide(self, value: float) -> Decision:
        """Return the decision for a score."""
        if value <= self.approve:
            return Decision.APPROVE
        return Decision.REVIEW if value <= self.review else Decision.DENY

    def alert_budget(self, value: float, *, floor: Decision | None) -> int:
        """Return how many alerts a day the decision for a score competes for; 0 where it raises none.

        A demanded denial (`floor`) competes whatever its score.
        """
        above = self.approve if self.alert_above is None else self.alert_above
        alarming = value > max(self.approve, above) or floor is Decision.DENY
        return self.alerts_per_day if alarming else 0


class BandSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is said of the bands of somebody; the rest is taken from those behind."""

    approve: float | None = None
    review: float | None = None
    alert_above: float | None = None
    alerts_per_day: int | None = None


class TenantSetting(BandSetting, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is said of a tenant, and of caller profiles at it."""

    profiles: dict[str, BandSetting] = {}


class PolicySetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole policy as people write it."""

    default: BandSetting = BandSetting()
    profiles: dict[str, BandSetting] = {}
    tenants: dict[str, TenantSetting] = {}


class Policy:
    """The bands of everyone under one policy. Raises `ConfigurationError` naming the one whose bands cross."""

    def __init__(self, setting: PolicySetting) -> None:
        self.text = canonical_text(setting)
        self._tenants = frozenset(setting.tenants)
        self._bands: dict[tuple[str, str], Bands] = {}
        for tenant, profile, said in _everyone(setting):
            who = " of ".join(filter(None, (profile and f"profile {profile}", tenant and f"tenant {tenant}")))
            try:
                self._bands[tenant, profile] = _merged(said)
            except ValueError as error:
                raise ConfigurationError(
                    f"policy for {who or 'everyone'}: {error}", cure="change one of them"
                ) from error

    @property
    def version(self) -> str:
        """Name of the policy, equal for equal policies."""
        return SHIPPED if self.text == _SHIPPED_TEXT else name_of_text(self.text)

    def bands(self, tenant: str, profile: str) -> Bands:
        """Return the bands for a profile at a tenant; unknown and empty names get what holds for everyone."""
        known = self._bands
        at = tenant if tenant in self._tenants else ""
        return known.get((at, profile)) or known[at, ""]


class PolicyBook:
    """Every policy so far. A `Part` of what is governed, and the `DecisionPolicy` of the scorer."""

    name = PART

    def __init__(self, initial: PolicySetting | None = None) -> None:
        self._policies: Versions[Policy] = Versions(Policy(initial or PolicySetting()))

    def check(self, content: str) -> None:
        """Raise `ConfigurationError` when `content` is no policy, or its bands cross."""
        policy_of(content)

    def apply(self, event: GovernanceChanged, version: int) -> None:
        """Let the policy of the event hold from `version` on."""
        self._policies.add(version, policy_of(event.content))

    def version_at(self, mark: int) -> str:
        return self._policies.at(mark).version

    def text_at(self, mark: int) -> str:
        """Return the policy that holds under `mark` as canonical JSON."""
        return self._policies.at(mark).text

    def bands(self, mark: int, context: Context) -> Bands:
        """Return the bands that a movement of this mark and context is decided by."""
        return self._policies.at(mark).bands(context.tenant, context.profile)


def stricter(floor: Decision | None, decision: Decision) -> Decision:
    """Return the stricter of the two; `decision` where nothing is demanded."""
    return decision if floor is None else max(floor, decision, key=STRICTNESS.__getitem__)


def setting_of(bands: Bands) -> PolicySetting:
    """Return the policy that holds `bands` for everyone, saying only what differs from what is shipped."""
    said = {name: value for name in _SHIPPED if (value := getattr(bands, name)) != _SHIPPED[name]}
    return PolicySetting(default=BandSetting(**said)) if said else PolicySetting()


def policy_of(text: str) -> Policy:
    """Return the policy that a TOML or JSON text declares; raise `ConfigurationError` for one that cannot hold."""
    setting = read_declared(
        text, PolicySetting, fields={*PolicySetting.__struct_fields__, *TenantSetting.__struct_fields__}
    )
    return Policy(setting)


def _everyone(setting: PolicySetting) -> Iterator[tuple[str, str, tuple[BandSetting, ...]]]:
    """Yield (tenant, profile, what is said of them, most general first); empty names stand for all others."""
    yield "", "", (setting.default,)
    for profile, said in setting.profiles.items():
        yield "", profile, (setting.default, said)
    for tenant, own in setting.tenants.items():
        yield tenant, "", (setting.default, own)
        for profile in dict.fromkeys((*setting.profiles, *own.profiles)):
            everywhere = setting.profiles.get(profile, BandSetting())
            yield tenant, profile, (setting.default, everywhere, own, own.profiles.get(profile, BandSetting()))


def _merged(said: tuple[BandSetting, ...]) -> Bands:
    names = [field.name for field in fields(Bands)]
    given = {name: value for one in said for name in names if (value := getattr(one, name)) is not None}
    return Bands(**given)


_SHIPPED_TEXT: Final = canonical_text(PolicySetting())
_SHIPPED: Final = {field.name: getattr(Bands(), field.name) for field in fields(Bands)}
