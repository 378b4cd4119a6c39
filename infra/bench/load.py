"""Many phones at once: each sends its requests in order over HTTP, some of them twice, and keeps score."""

import json
import random
import threading
import time as clock
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from queue import Empty, SimpleQueue

from infra.bench.teachers import CSRF, Teacher

AGAIN = 0.1
"""Share of requests that are sent twice, as phones do that got no answer."""
CLIENTS = 12
ADDRESS = "/api/v1/care/operations/"


@dataclass
class Score:
    """What one client saw."""

    milliseconds: list[float] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    errors: int = 0


class Pace:
    """Lets one request go at a time, not faster than so many a second."""

    def __init__(self, requests_per_second: float) -> None:
        self._apart = 1 / requests_per_second
        self._next = clock.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            mine = max(self._next, clock.monotonic())
            self._next = mine + self._apart
        clock.sleep(max(0.0, mine - clock.monotonic()))


def send(teachers: list[Teacher], port: int, chance: random.Random, *, pace: Pace | None = None) -> Score:
    """All phones at once: each sends its own requests in order, some of them twice; without a pace as fast as they can."""
    waiting: SimpleQueue[tuple[Teacher, random.Random]] = SimpleQueue()
    for teacher in teachers:
        waiting.put((teacher, random.Random(chance.random())))
    scores = [Score() for _ in range(CLIENTS)]
    clients = [threading.Thread(target=_client, args=(waiting, port, score, pace)) for score in scores]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    total = Score(errors=sum(score.errors for score in scores))
    for score in scores:
        total.milliseconds += score.milliseconds
        for key, answers in score.answers.items():
            total.answers.setdefault(key, []).extend(answers)
    return total


def _client(
    waiting: "SimpleQueue[tuple[Teacher, random.Random]]", port: int, score: Score, pace: Pace | None
) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    while True:
        try:
            teacher, chance = waiting.get_nowait()
        except Empty:
            break
        for body in teacher.requests:
            for _time in range(2 if chance.random() < AGAIN else 1):
                if pace:
                    pace.wait()
                post(connection, port, teacher, body, score)
    connection.close()


def post(connection: HTTPConnection, port: int, teacher: Teacher, body: bytes, score: Score) -> None:
    headers = {
        "Host": f"{teacher.host}:{port}",
        "Cookie": teacher.cookie,
        "X-CSRFToken": CSRF,
        "Content-Type": "application/json",
    }
    began = clock.perf_counter()
    try:
        connection.request("POST", ADDRESS, body, headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, HTTPException):
        connection.close()  # the next request opens it again
        score.errors += 1
        return
    score.milliseconds.append((clock.perf_counter() - began) * 1000)
    if answer.status != 200:
        score.errors += 1
        return
    for each in json.loads(text):
        score.answers.setdefault(each["id"], []).append(each["result"])
