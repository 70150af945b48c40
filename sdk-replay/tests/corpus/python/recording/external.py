"""Workflows of others: signals and cancel requests, also to those that do not exist."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

from .calls import Cases, start


@workflow.defn(name="Target")
class Target:
    @workflow.init
    def __init__(self, words: int):
        self.words = []

    @workflow.signal
    def word(self, word: str):
        self.words.append(word)

    @workflow.run
    async def run(self, words: int):
        await workflow.wait_condition(lambda: len(self.words) >= words)
        return self.words


@workflow.defn
class External(Cases):
    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    def target(self, name="target"):
        return workflow.get_external_workflow_handle(f"{workflow.info().workflow_id}-{name}")

    async def signals(self):
        await self.target().signal("word", "a")
        await asyncio.gather(self.target().signal("word", "b"), self.target().signal("word", "c"))
        return await start("echo", "sent")

    async def cancels(self):
        await self.target().cancel()
        return await start("echo", "canceled")

    async def missing(self):
        ends = []
        for call in (self.target("nobody").signal("word", "a"), self.target("nobody").cancel()):
            try:
                await call
            except ApplicationError as error:
                ends.append(error.type)
        return await start("echo", ends)

    async def all_at_once(self):
        results = await asyncio.gather(
            self.target().signal("word", "a"), self.target("nobody").signal("word", "b"),
            self.target("nobody").cancel(), start("echo", 1), asyncio.sleep(0.1), self.target().cancel(),
            return_exceptions=True,
        )
        return len(results)

    async def signal_dropped(self):
        task = asyncio.create_task(self.target().signal("word", "a"))
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except (FailureError, asyncio.CancelledError):
            await self.target().signal("word", "b")
        return await start("echo", "after")

    async def signal_and_end(self):
        asyncio.create_task(self.target().signal("word", "a"))
        await asyncio.sleep(0)


async def record(recorder):
    async def one(case):
        name = f"external-{case}"
        queue = f"corpus-{name}"
        async with recorder.worker(queue, External, Target):
            id = f"{queue}-run"
            target = await recorder.client.start_workflow("Target", 5, id=f"{id}-target", task_queue=queue)
            handle = await recorder.start(queue, External, case, id=id)
            await recorder.end(handle)
            try:
                await target.terminate()
            except Exception:
                pass  # it was canceled
        await recorder.save(name, handle)

    cases = ["signals", "cancels", "missing", "all_at_once", "signal_dropped", "signal_and_end"]
    await asyncio.gather(*(one(case) for case in cases))
