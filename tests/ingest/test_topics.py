"""The table of topics: one name each, every form and schema there, and lists of names read as people write them."""

from __future__ import annotations

import pytest

from graph.errors import ConfigurationError
from ingest.schemas import schemas
from ingest.topics import TOPICS, Direction, read_topics
from ingest.topics_page import PAGE, page_with_table

NEEDED = {
    "bets-transactions": "user_id",
    "site-blocking-events": "domain",
    "payment-events": "customer_document_hash",
    "fraud-alerts": "transaction_id",
    "audit-logs": "part",
}


def test_every_topic_has_a_name_of_its_own_and_a_schema() -> None:
    names = [topic.name for topic in TOPICS]
    assert len(set(names)) == len(names)
    assert {topic.schema for topic in TOPICS} == set(schemas())
    assert all((topic.form is not None) == (topic.direction is Direction.IN) for topic in TOPICS)
    assert all(topic.partitions > 0 and topic.retention_hours > 0 for topic in TOPICS)


def test_names_and_keys_of_earlier_systems_stay() -> None:
    keys = {topic.name: topic.key for topic in TOPICS}
    assert NEEDED.items() <= keys.items()


def test_the_page_holds_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_table(page), "python -m ingest.topics_page"


def test_a_list_of_topics_is_read_as_people_write_it() -> None:
    assert [topic.name for topic in read_topics(" transactions, bets-transactions ,transactions")] == [
        "transactions",
        "bets-transactions",
    ]
    assert [topic.name for topic in read_topics("all")] == [t.name for t in TOPICS if t.direction is Direction.IN]
    (other,) = read_topics("payments-br=transaction")
    assert (other.name, other.form is not None and other.form.name) == ("payments-br", "transaction")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("bet-transactions", "name some of tarrafa-events, bets-transactions"),
        ("scores", "no topic that is read here"),
        ("mine=csv", "NAME=FORM with one of event, betting"),
        ("=event", "NAME=FORM"),
        (" , ", "no topic is named"),
    ],
)
def test_a_slip_in_a_name_says_what_there_is(names: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_topics(names)
