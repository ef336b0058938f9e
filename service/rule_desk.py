"""The life of rules over an open service: steps in the rule book, what runs through the log, and backtests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec

from graph.errors import RejectedRecord, RetryableConflict
from graph.events import EARLIEST_TS, LATEST_TS, GovernanceChanged
from ledger.records import RuleState, RuleStep, RuleVersion, ShadowCount
from ledger.rule_book import APPROVED, RETURNED, SUBMITTED
from scoring.declared import canonical_text
from scoring.rules.backtest import Backtest, Watch, run_backtest
from scoring.rules.refusal import RuleRefused
from scoring.rules.rule import PART, Mode, Rule, RuleInForce, RuleSet, read_rule, read_rule_set
from service.bootstrap import Service, new_projection, now_ms

MAX_PERSON = 100
MAX_SECONDS = 3_600.0


class RuleDesk:
    """Rules of an open service. Reading and drafting need no pipeline; what changes what runs does.

    Guarantees: an unknown rule is None or refused by name; a step that is refused changes nothing; what runs is in the
    log before a step returns, so it holds for the very next score and survives a killed process.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._book = service.ledger.rules
        self._changing = threading.RLock()
        self._backtesting = threading.Lock()

    # --- reading --------------------------------------------------------------------------------------------------

    def versions(self, rule_id: str | None = None, *, state: RuleState | None = None) -> list[RuleVersion]:
        """Versions by (id, version), of one rule or in one state where that is asked for."""
        return self._book.versions(rule_id, state=state)

    def history(self, rule_id: str) -> list[RuleStep]:
        """What was done with a rule, oldest first."""
        return self._book.history(rule_id)

    def shadow_count(self, rule_id: str, version: int) -> ShadowCount:
        """What a version on trial held for."""
        return self._service.ledger.shadow_count(f"{rule_id}@{version}")

    def check(self, text: str) -> Rule:
        """The rule that a text declares; refused with the place of the mistake."""
        return read_rule(text)

    # --- steps of the book ----------------------------------------------------------------------------------------

    def draft(self, text: str, *, by: str, reason: str = "") -> RuleVersion:
        """Keep a rule as a draft, or as an edit of the open draft."""
        rule, person, why = read_rule(text), _person(by), _one_line(reason)
        with self._changing:
            return self._book.draft(rule.id, canonical_text(rule), by=person, at_ms=now_ms(), reason=why)

    def submit(self, rule_id: str, *, by: str, reason: str = "") -> RuleVersion:
        """Hand the newest draft to another person."""
        return self._step(rule_id, SUBMITTED, by, reason)

    def approve(self, rule_id: str, *, by: str, reason: str = "") -> RuleVersion:
        """Approve what somebody else wrote."""
        return self._step(rule_id, APPROVED, by, reason)

    def send_back(self, rule_id: str, *, by: str, reason: str = "") -> RuleVersion:
        """Return what was submitted to its author."""
        return self._step(rule_id, RETURNED, by, reason)

    def _step(self, rule_id: str, action: str, by: str, reason: str) -> RuleVersion:
        person, why = _person(by), _one_line(reason)
        with self._changing:
            return self._book.step(rule_id, action, by=person, at_ms=now_ms(), reason=why)

    # --- what runs ------------------------------------------------------------------------------------------------

    def activate(self, rule_id: str, *, by: str, reason: str = "", version: int | None = None) -> RuleVersion:
        """Let an approved version give points, in place of the one that did; one that was retired may come back."""
        with self._changing:
            found = self._found(rule_id, version)
            if found.state is RuleState.ACTIVE:
                raise _wrong_state(found, "it runs already")
            if not found.approver:
                raise _wrong_state(found, "let another person approve it first")
            rule = _in_force(found, Mode.ACTIVE)

            def changed(rules: tuple[RuleInForce, ...]) -> tuple[RuleInForce, ...]:
                kept = (
                    one
                    for one in rules
                    if one.id != rule_id or (one.mode is Mode.SHADOW and one.version != rule.version)
                )
                return (*kept, rule)

            return self._govern(changed, found, by=by, reason=reason, approver=found.approver)

    def retire(self, rule_id: str, *, by: str, reason: str = "") -> RuleVersion:
        """Take a rule, and what is on trial of it, out of force."""
        with self._changing:
            running = [one for one in self._rules() if one.id == rule_id]
            if not running:
                raise _wrong_state(self._found(rule_id, None), "nothing of it runs")
            active = next((one for one in running if one.mode is Mode.ACTIVE), running[0])
            found = self._found(rule_id, active.version)
            return self._govern(
                lambda rules: tuple(one for one in rules if one.id != rule_id), found, by=by, reason=reason
            )

    def start_shadow(self, rule_id: str, *, by: str, reason: str = "") -> RuleVersion:
        """Count the newest open version beside live traffic, without points, in place of one on trial."""
        with self._changing:
            found = self._found(rule_id, None)
            if found.state in (RuleState.ACTIVE, RuleState.RETIRED):
                raise _wrong_state(found, "draft a new version to try")
            if found.shadow:
                raise _wrong_state(found, "it is on trial already")
            rule = _in_force(found, Mode.SHADOW)
            return self._govern(lambda rules: (*_without_shadow(rules, rule_id), rule), found, by=by, reason=reason)

    def stop_shadow(self, rule_id: str, *, by: str, reason: str = "") -> RuleVersion:
        """End the trial; its counts stay."""
        with self._changing:
            tried = [one for one in self._rules() if one.id == rule_id and one.mode is Mode.SHADOW]
            if not tried:
                raise _wrong_state(self._found(rule_id, None), "nothing of it is on trial")
            found = self._found(rule_id, tried[0].version)
            return self._govern(lambda rules: _without_shadow(rules, rule_id), found, by=by, reason=reason)

    def _govern(
        self,
        changed: Callable[[tuple[RuleInForce, ...]], tuple[RuleInForce, ...]],
        found: RuleVersion,
        *,
        by: str,
        reason: str,
        approver: str = "",
    ) -> RuleVersion:
        person, why = _person(by), _one_line(reason)
        rules = sorted(changed(self._rules()), key=lambda one: (one.id, one.mode))
        self._service.running.govern(
            GovernanceChanged(
                event_id=f"governance:{uuid4().hex}",
                ts=now_ms(),
                part=PART,
                content=canonical_text(RuleSet(tuple(rules))),
                author=person,
                approver=approver,
                reason=why,
            )
        )
        self._service.running.flush(settle=False)  # who asks next reads it
        return self._found(found.rule_id, found.version)

    def _rules(self) -> tuple[RuleInForce, ...]:
        """What runs now."""
        newest = next(iter(self._service.ledger.documents(PART)), None)
        return () if newest is None else read_rule_set(newest.content).rules

    def _found(self, rule_id: str, version: int | None) -> RuleVersion:
        found = self._book.version(rule_id, version)
        if found is None:
            name = rule_id if version is None else f"{rule_id} version {version}"
            raise RejectedRecord("unknown_rule", field="rule", value=name, cure="list the rules")
        return found

    # --- the past -------------------------------------------------------------------------------------------------

    def backtest(
        self,
        rule: str,
        *,
        since: int = EARLIEST_TS,
        until: int = LATEST_TS,
        seconds: float = 60.0,
        progress: Callable[[int], None] | None = None,
    ) -> Backtest:
        """What `rule` (an id, an id@version, or the text of one) would have done in since <= ts < until (epoch ms)."""
        if since >= until:
            raise RejectedRecord("bad_range", field="from", value=since, cure="give a start before its end")
        if not 0 < seconds <= MAX_SECONDS:
            raise RejectedRecord("bad_budget", field="seconds", value=seconds, cure=f"give up to {MAX_SECONDS:g}")
        watch = Watch(self._tried(rule))
        if not self._backtesting.acquire(blocking=False):
            raise RetryableConflict("another backtest is running; ask again when it is done")
        try:
            end = time.monotonic() + seconds
            return run_backtest(
                new_projection(self._service.settings, self._service.keys, also=(watch,)),
                watch,
                self._service.log.read(),
                since=since,
                until=until,
                in_time=lambda: time.monotonic() < end,
                progress=progress,
            )
        finally:
            self._backtesting.release()

    def _tried(self, rule: str) -> RuleInForce:
        if "\n" in rule or "{" in rule:
            return RuleInForce(**_fields(read_rule(rule)), version=0, mode=Mode.SHADOW, author="nobody")
        rule_id, _, version = rule.partition("@")
        if version and not (version.isascii() and version.isdigit()):
            raise RejectedRecord("unknown_rule", field="rule", value=rule, cure="write id or id@version")
        return _in_force(self._found(rule_id, int(version) if version else None), Mode.SHADOW)


def _in_force(found: RuleVersion, mode: Mode) -> RuleInForce:
    """The version as it would run; refused where its words mean nothing any more."""
    return RuleInForce(
        **_fields(read_rule(found.content)),
        version=found.version,
        mode=mode,
        author=found.author,
        approver=found.approver,
    )


def _fields(rule: Rule) -> dict[str, Any]:
    return msgspec.structs.asdict(rule)


def _without_shadow(rules: tuple[RuleInForce, ...], rule_id: str) -> tuple[RuleInForce, ...]:
    return tuple(one for one in rules if one.id != rule_id or one.mode is not Mode.SHADOW)


def _person(by: str) -> str:
    name = " ".join(by.split())
    if not name or len(name) > MAX_PERSON or not name.isprintable():
        raise RuleRefused("nobody is named for this step", cure=f"name the person in 1 to {MAX_PERSON} characters")
    return name


def _one_line(reason: str) -> str:
    if not reason.isprintable():
        raise RuleRefused("the reason cannot be shown", cure="write it in one line")
    return reason


def _wrong_state(found: RuleVersion, cure: str) -> RejectedRecord:
    state = f"{found.rule_id} version {found.version} is {found.state}{' on trial' if found.shadow else ''}"
    return RejectedRecord("wrong_state", field="rule", value=state, cure=cure)
