"""The activities that the cases call, as remote and as local ones."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError


@activity.defn(name="echo")
async def echo(value: Any) -> Any:
    return value


@activity.defn(name="nothing")
async def nothing() -> None:
    return None


@activity.defn(name="flaky")
async def flaky(failures: int) -> int:
    """Fails so many times."""
    attempt = activity.info().attempt
    if attempt <= failures:
        raise ApplicationError(f"attempt {attempt}", type="Flaky")
    return attempt


@activity.defn(name="fail")
async def fail(kind: str) -> None:
    if kind == "delay":
        if activity.info().attempt > 1:
            return
        raise ApplicationError("later", type="Delay", next_retry_delay=timedelta(milliseconds=50))
    raise ApplicationError("broken", kind, type=kind, non_retryable=kind == "final")


@activity.defn(name="slow")
async def slow(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


@activity.defn(name="stubborn")
async def stubborn(seconds: float) -> str:
    """Does not care about cancellations."""
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        await asyncio.sleep(0.1)
    return "done all the same"


@activity.defn(name="beat")
async def beat(on_cancel: str) -> str:
    """Heartbeats until it is canceled."""
    try:
        for beats in range(600):
            activity.heartbeat(beats)
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        if on_cancel == "complete":
            return "completed"
        if on_cancel == "fail":
            raise ApplicationError("failed", type="OnCancel", non_retryable=True) from None
        raise
    return "never canceled"


ACTIVITIES = [echo, nothing, flaky, fail, slow, stubborn, beat]
