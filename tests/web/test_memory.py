"""Counting in this process: no threads, nothing kept for ever."""

import time

import pytest
from flask import Flask

from swapmeet.web import memory
from swapmeet.web.memory import PatientMemory
from swapmeet.web.security import limiter


def test_the_application_counts_in_it(app: Flask) -> None:
    assert isinstance(limiter.storage, PatientMemory)


def test_counts_run_out_by_themselves() -> None:
    counts = PatientMemory()
    assert [counts.incr("ann", 60), counts.incr("ann", 60), counts.incr("tom", 60)] == [1, 2, 1]
    counts.expirations["ann"] = time.time() - 1
    assert (counts.get("ann"), counts.get("tom")) == (0, 1)


def test_counting_starts_no_thread() -> None:
    counts = PatientMemory()
    first = counts.timer
    first.join()
    for number in range(50):
        counts.incr(f"buyer {number}", 60)
    assert counts.timer is first
    assert not first.is_alive()


def test_what_ran_out_is_swept_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = PatientMemory()
    counts.timer.join()
    counts.incr("first", 60)
    for number in range(100):
        counts.incr(f"buyer {number}", 60)
        counts.expirations[f"buyer {number}"] = time.time() - 1
    assert len(counts.storage) == 101
    monkeypatch.setattr(memory, "SWEEP_S", 0)
    counts.incr("last", 60)
    assert sorted(counts.storage) == ["first", "last"]
