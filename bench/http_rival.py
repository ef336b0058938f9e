"""The rival of `bench.http_score`: a scoring service as one writes it first - `python -m bench.http_rival --home H`.

The same framework, body, mapping, pipeline and answer; but one pipeline call per request, each in a worker thread, and
the framework reads and writes the bodies.
"""

from __future__ import annotations

import argparse
import socket
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from api.rest.answers import RISK_LEVELS
from api.rest.mapping import bet_movement
from api.rest.wire import BetIn
from reports.formats import Language
from reports.phrases import phrase
from service.bootstrap import Service, now_ms, open_service
from service.flushing import Flushing
from service.settings import load_settings


class Verdict(BaseModel):
    """Answer of the call."""

    transaction_id: str
    fraud_score: float
    risk_level: str
    decision: str
    reasons: list[dict[str, Any]]
    versions: dict[str, str]


def plain_app(service: Service) -> FastAPI:
    """The application."""
    app = FastAPI()

    @app.post("/api/transactions/score")
    def score_transaction(body: BetIn) -> Verdict:
        movement = bet_movement(body, keys=service.keys, now_ms=now_ms())
        score = service.running.score([movement])[0]
        return Verdict(
            transaction_id=score.tx_id,
            fraud_score=round(score.value / 100, 4),
            risk_level=RISK_LEVELS[score.decision],
            decision=score.decision,
            reasons=[
                {
                    "name": signal.name,
                    "points": signal.points,
                    "text": phrase(signal.evidence, Language.EN),
                    "event_ids": list(signal.evidence.event_ids[:10]),
                }
                for signal in score.signals
                if signal.points
            ],
            versions=dict(score.versions),
        )

    return app


def main() -> None:
    """Serve a home until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    with open_service(load_settings(home=parser.parse_args().home), work=True) as service, Flushing(service):
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        print(f"serving on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        server = uvicorn.Server(uvicorn.Config(plain_app(service), log_level="warning", access_log=False))
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
