"""Replays history files with the Python SDK and prints what each replay took.

    python3 replay.py PATH...

Prints the lines of the program `durably-replay`. The SDK reads JSON: of NAME.pb the file NAME.json beside it is
taken; of a folder all JSON files are.
"""

import asyncio
import sys
import time
from datetime import timedelta
from pathlib import Path

from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner


def noop():
    return workflow.start_activity("noop", "x", start_to_close_timeout=timedelta(seconds=60))


@workflow.defn(name="one_activity")
class OneActivity:
    @workflow.run
    async def run(self, n: int) -> int:
        await noop()
        return n


@workflow.defn(name="seq")
class Sequence:
    @workflow.run
    async def run(self, n: int) -> int:
        for _ in range(n):
            await noop()
        return n


@workflow.defn(name="fanout")
class FanOut:
    @workflow.run
    async def run(self, n: int) -> int:
        for activity in [noop() for _ in range(n)]:
            await activity
        return n


@workflow.defn(name="timers")
class Timers:
    @workflow.run
    async def run(self, n: int) -> int:
        await asyncio.gather(*[asyncio.sleep(0.001) for _ in range(n)])
        return n


def line(name, events, seconds):
    print(f"{name} events={events} cpu_seconds={seconds:.4f} events_per_cpu_second={events / seconds:.0f}", flush=True)


async def replayed(replayer, path):
    """The events of a file, and the processor time before, between and after parse and replay."""
    text = path.read_text()
    before = time.process_time()
    history = WorkflowHistory.from_json(path.stem, text)
    parsed = time.process_time()
    await replayer.replay_workflow(history)
    return len(history.events), before, parsed, time.process_time()


async def main():
    replayer = Replayer(
        workflows=[OneActivity, Sequence, FanOut, Timers], workflow_runner=UnsandboxedWorkflowRunner()
    )
    for path in map(Path, sys.argv[1:]):
        if path.is_dir():
            total, took = 0, 0.0
            for file in sorted(path.glob("*.json")):
                events, before, _, after = await replayed(replayer, file)
                total, took = total + events, took + after - before
            line(f"{path.name} parse+replay", total, took)
        else:
            events, before, parsed, after = await replayed(replayer, path.with_suffix(".json"))
            line(path.stem, events, after - parsed)
            line(f"{path.stem} parse", events, parsed - before)
            line(f"{path.stem} parse+replay", events, after - before)


asyncio.run(main())
