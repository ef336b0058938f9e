"""The desk of dead letters: read them, mend them, send them again through the one path of every event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph.errors import ConfigurationError, RejectedRecord, TarrafaError
from graph.events import Event, GovernanceChanged
from ingest.letters import is_whole, kept_changes, mended, place_of, read_again
from ingest.topics import TOPICS, read_topics
from ingest.wire.form import Form, Reading
from ledger.paging import Page
from ledger.records import DeadLetter, FieldDrift, Redrive, Redriven
from service.bootstrap import Service, now_ms

MAX_NAME, MAX_REASON = 100, 500


class LetterDesk:
    """Dead letters of an open service; sending again needs its pipeline. See `api.letters.Letters`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def letters(
        self,
        *,
        reason: str | None = None,
        source: str | None = None,
        waiting: bool = True,
        after: str | None = None,
        limit: int,
    ) -> Page[DeadLetter]:
        """Letters first set aside first."""
        book = self._service.ledger.letters
        return book.letters(reason=reason, source=source, waiting=waiting, after=after, limit=limit)

    def letter(self, letter_id: int) -> DeadLetter | None:
        """One letter, or None."""
        return self._service.ledger.letters.letter(letter_id)

    def drift(self) -> Sequence[FieldDrift]:
        """Fields that came and that no form knows."""
        return self._service.ledger.letters.drift()

    def matching(self, *, reason: str | None, source: str | None, limit: int) -> Sequence[int]:
        """Ids of the letters that wait and match, first ones first."""
        page = self.letters(reason=reason, source=source, limit=limit)
        return [letter.letter_id for letter in page.items if place_of(letter.source) is not None]

    def redrive(
        self,
        letter_ids: Sequence[int],
        *,
        changes: Mapping[str, Any],
        message: str | None = None,
        author: str,
        reason: str = "",
    ) -> Sequence[Redriven]:
        """Send letters again with `changes` merged into each, or one as a whole new `message`.

        Each has an outcome of its own; one that is still wrong stays and says what to change.
        """
        _check_words(author, reason)
        if message is not None and (len(letter_ids) != 1 or changes):
            raise RejectedRecord(
                "bad_edit", field="message", cure="give a whole message for one letter, without changes"
            )
        outcomes = []
        for letter_id in letter_ids:
            try:
                event = self._sent(letter_id, changes=changes, message=message, author=author, reason=reason)
            except RejectedRecord as error:
                outcomes.append(Redriven(letter_id, None, str(error)))
            else:
                outcomes.append(Redriven(letter_id, event.event_id))
        return outcomes

    def _sent(
        self, letter_id: int, *, changes: Mapping[str, Any], message: str | None, author: str, reason: str
    ) -> Event:
        letter = self.letter(letter_id)
        if letter is None:
            raise RejectedRecord("unknown_letter", field="id", value=letter_id, cure="list the dead letters")
        if letter.redrive is not None:
            raise RejectedRecord(
                "sent_already", field="id", value=letter_id, cure=f"see event {letter.redrive.event_id}"
            )
        place = place_of(letter.source)
        if place is None:
            raise RejectedRecord("not_a_message", field="id", value=letter_id, cure="mend the file and run it again")
        form, arrived_ms = self._form(place.topic), now_ms()
        if message is not None:
            text, changed = message.encode(), "message"
        else:
            text, arrived_ms = self._text(letter)
            text, changed = mended(text, changes), ", ".join(sorted(changes)) or "nothing"
        reading = Reading(self._service.keys, now_ms=now_ms(), arrived_ms=arrived_ms)
        event = read_again(
            text, form, source=letter.source, offset=letter.line, reading=reading, author=author, changed=changed
        )
        self._submit(event)
        kept = kept_changes(changes if message is None else {"message": message})
        note = Redrive(author=author, at_ms=now_ms(), reason=reason, changes=kept, event_id=event.event_id)
        self._service.ledger.letters.redriven(letter_id, note)
        return event

    def _submit(self, event: Event) -> None:
        if isinstance(event, GovernanceChanged):
            self._service.running.govern(event)
            return
        if self._service.running.submit([event]).conflicts:
            raise RejectedRecord(
                "known_otherwise",
                field="event",
                value=event.event_id,
                cure="an event of this id says something else; the first stands, this one is kept as a conflict",
            )

    def _form(self, topic: str) -> Form:
        kafka = self._service.settings.kafka
        name = topic.removeprefix(kafka.prefix)
        for known in (*TOPICS, *read_topics(kafka.topic)):
            if known.name == name and known.form is not None:
                return known.form
        raise RejectedRecord(
            "unknown_topic", field="topic", value=topic, cure="name its form in TARRAFA_KAFKA_TOPIC as NAME=FORM"
        )

    def _text(self, letter: DeadLetter) -> tuple[bytes, int]:
        """The message as it came, and when: from its topic where that still holds it, else as it was kept."""
        bootstrap, place = self._service.settings.kafka.bootstrap, place_of(letter.source)
        assert place is not None
        if bootstrap:
            from ingest.kafka_fetch import message_at  # only with a broker: the client takes memory and start-up time

            try:
                found = message_at(bootstrap, place.topic, place.partition, letter.line)
            except TarrafaError:
                found = None  # the kept text may do
            if found is not None:
                return found.value, found.arrived_ms
        if is_whole(letter.raw, letter.raw_length):
            return letter.raw.encode(), now_ms()
        raise RejectedRecord(
            "not_whole",
            field="message",
            cure="its text is kept without personal data and its topic cannot be read: give the whole message",
        )


def _check_words(author: str, reason: str) -> None:
    if not author or len(author) > MAX_NAME or not author.isprintable():
        raise ConfigurationError("nobody is named", cure=f"give your name in 1 to {MAX_NAME} printable characters")
    if len(reason) > MAX_REASON or not reason.isprintable():
        raise ConfigurationError("the reason cannot be kept", cure=f"give at most {MAX_REASON} characters in one line")
