"""What happens to workflow tasks: failures by a bug that is mended, timeouts, restarts of workers, resets."""

import asyncio
import time

from temporalio import workflow
from temporalio.api.enums.v1 import EventType

from .calls import Cases, local, seconds, start

# What is wrong with the code right now.
BUGS = set()


@workflow.defn
class Tasks(Cases):
    def __init__(self):
        self.words = []

    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    @workflow.signal
    def word(self, word: str):
        self.words.append(word)

    @workflow.update
    async def ask(self, word: str) -> str:
        self.words.append(await start("echo", word))
        return word

    def check(self):
        if workflow.info().workflow_id in BUGS:
            raise RuntimeError("a bug")

    async def bug_at_start(self):
        self.check()
        return await start("echo", 1)

    async def bug_in_the_middle(self):
        await start("echo", 1)
        await local("echo", 2)
        await asyncio.sleep(0.1)
        timer = asyncio.create_task(asyncio.sleep(0.05))
        self.check()
        await timer
        return await start("echo", 3)

    async def bug_in_condition(self):
        await workflow.wait_condition(lambda: self.check() or len(self.words) >= 2)
        return await start("echo", self.words)

    async def too_slow(self):
        await start("echo", 1)
        if workflow.info().workflow_id in BUGS:
            BUGS.remove(workflow.info().workflow_id)
            time.sleep(1.5)
        await asyncio.sleep(0.05)
        return await start("echo", 2)

    async def steps(self):
        for step in range(4):
            await start("echo", step)
            await asyncio.sleep(0.25)
            await local("echo", step)
        return self.words

    async def waits(self):
        await start("echo", 1)
        await workflow.wait_condition(lambda: len(self.words) >= 2)
        await start("echo", [str(workflow.uuid4()), *self.words])
        await workflow.wait_condition(lambda: len(self.words) >= 3)


async def record(recorder):
    async def mended(case, messages=()):
        name = f"tasks-{case}"
        queue = f"corpus-{name}"
        async with recorder.worker(queue, Tasks):
            id = f"{queue}-run"
            BUGS.add(id)
            handle = await recorder.start(queue, Tasks, case, id=id)
            await recorder.reached(handle, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
            for message in messages:
                await handle.signal("word", message)
            BUGS.discard(id)
            await recorder.end(handle)
        await recorder.save(name, handle)

    async def too_slow():
        name = "tasks-too_slow"
        queue = f"corpus-{name}"
        async with recorder.worker(queue, Tasks, debug_mode=True):
            id = f"{queue}-run"
            BUGS.add(id)
            handle = await recorder.start(queue, Tasks, "too_slow", id=id, task_timeout=seconds(1))
            await recorder.end(handle)
        await recorder.save(name, handle)

    async def restarted():
        """Each worker takes some of the steps, with a cache and without in turn."""
        name = "tasks-restarted"
        queue = f"corpus-{name}"
        handle = await recorder.start(queue, Tasks, "steps")
        for number in range(1, 5):
            async with recorder.worker(queue, Tasks, cached=number % 2 == 0):
                if number < 4:
                    await recorder.reached(handle, EventType.EVENT_TYPE_TIMER_STARTED, number)
                else:
                    await recorder.end(handle)
        await recorder.save(name, handle)

    async def reset(name, event_id, again):
        queue = f"corpus-{name}"
        async with recorder.worker(queue, Tasks):
            handle = await recorder.start(queue, Tasks, "waits")
            await recorder.reached(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
            await handle.signal("word", "a")
            await handle.execute_update("ask", "b")
            await recorder.reached(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, 3)
            for _ in range(again):
                await recorder.cli("workflow", "reset", "-w", handle.id, "-e", str(event_id), "--reason", "corpus")
                handle = recorder.client.get_workflow_handle(handle.id)
                await asyncio.sleep(1)
            await handle.signal("word", "c")
            await recorder.end(handle)
            run_id = (await handle.describe()).run_id
        await recorder.save(name, handle, run_id)

    async def paused():
        """The events of pausing say nothing to the code."""
        name = "tasks-paused"
        queue = f"corpus-{name}"
        async with recorder.worker(queue, Tasks):
            handle = await recorder.start(queue, Tasks, "waits")
            await recorder.reached(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
            await recorder.cli(
                "workflow", "update-options", "-w", handle.id, "--versioning-override-behavior", "auto_upgrade"
            )
            for word in "abc":
                await handle.signal("word", word)
                await asyncio.sleep(0.1)
            await recorder.end(handle)
        await recorder.save(name, handle)

    await too_slow()
    await asyncio.gather(
        mended("bug_at_start"),
        mended("bug_in_the_middle"),
        mended("bug_in_condition", ["a", "b"]),
        restarted(),
        reset("tasks-reset_first", 4, 1),
        reset("tasks-reset_later", 10, 1),
        reset("tasks-reset_twice", 4, 2),
        paused(),
    )
