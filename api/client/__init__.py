"""Calling a Tarrafa service from Python: `TarrafaClient`, and `AsyncTarrafaClient` for event loops."""

from api.client.calls import CallRefused, NoAnswer
from api.client.clients import AsyncTarrafaClient, TarrafaClient
from api.rest.wire import BetIn, BetOut, PaymentIn, PaymentOut, PaySimOut, PaySimRow

__all__ = [
    "AsyncTarrafaClient",
    "BetIn",
    "BetOut",
    "CallRefused",
    "NoAnswer",
    "PaySimOut",
    "PaySimRow",
    "PaymentIn",
    "PaymentOut",
    "TarrafaClient",
]
