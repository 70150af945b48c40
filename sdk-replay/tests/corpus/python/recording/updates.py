"""Updates: answered at once or later, rejected, failing, together, with a start, at the end, after a reset."""

import asyncio
import uuid

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import WithStartWorkflowOperation, WorkflowUpdateStage
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError

from .calls import Cases, local, seconds, start


@workflow.defn
class Updates(Cases):
    def __init__(self):
        self.items = []
        self.done = False

    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    @workflow.update
    def add(self, item: str) -> int:
        if item == "broken":
            raise ApplicationError("a broken item", type="Broken")
        self.items.append(item)
        return len(self.items)

    @add.validator
    def check(self, item: str):
        if not item:
            raise ApplicationError("which item?", type="NoItem")

    @workflow.update
    async def fetch(self, item: str) -> int:
        self.items.append(await start("echo", item))
        return len(self.items)

    @workflow.update
    async def wait(self, item: str) -> int:
        await asyncio.sleep(0.2)
        if item == "broken":
            raise ApplicationError("a broken item", type="Broken")
        self.items.append(item)
        return len(self.items)

    @workflow.update
    async def look(self, item: str) -> int:
        self.items.append(await local("echo", item))
        await local("slow", 0.1)
        return len(self.items)

    @workflow.update
    async def until(self, count: int) -> int:
        await workflow.wait_condition(lambda: len(self.items) >= count)
        return len(self.items)

    @workflow.update
    async def last(self, item: str) -> str:
        self.done = True
        return await start("echo", item)

    @workflow.update
    def finish_now(self) -> str:
        self.done = True
        return "finished"

    @workflow.signal
    def put(self, item: str):
        self.items.append(item)

    @workflow.signal
    def finish(self):
        self.done = True

    async def until_done(self):
        await workflow.wait_condition(lambda: self.done)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.items

    async def cuts_off(self):
        await workflow.wait_condition(lambda: self.done)
        return self.items

    async def works(self):
        await start("echo", "main")
        await workflow.wait_condition(lambda: len(self.items) >= 2)
        await start("echo", self.items)
        await workflow.wait_condition(lambda: self.done)

    async def timer_and_updates(self):
        await asyncio.sleep(0.6)
        return self.items

    async def registered_later(self):
        async def late(item):
            return await start("echo", item)

        workflow.set_update_handler("late", late)
        await workflow.wait_condition(lambda: self.done)
        await workflow.wait_condition(workflow.all_handlers_finished)


async def update(handle, name, *args, stage=WorkflowUpdateStage.COMPLETED):
    """Sends an update; a failure of it is part of the case."""
    try:
        sent = await handle.start_update(name, args=args, wait_for_stage=stage)
        if stage == WorkflowUpdateStage.COMPLETED:
            return await sent.result()
    except Exception as error:
        return error


async def before_the_worker(recorder, name, case, messages):
    """Messages that all come with the first task; how, depends on the server."""
    queue = f"corpus-{name}"
    handle = await recorder.start(queue, Updates, case)
    sent = []
    for kind, *message in messages:
        if kind == "signal":
            await handle.signal(*message)
        else:
            sent.append(asyncio.create_task(update(handle, *message)))
        await asyncio.sleep(0.1)
    async with recorder.worker(queue, Updates):
        await asyncio.gather(*sent)
        await recorder.end(handle)
    await recorder.save(name, handle)


async def with_start(recorder):
    name = "updates-with_start"
    queue = f"corpus-{name}"
    async with recorder.worker(queue, Updates):
        operation = WithStartWorkflowOperation(
            "Updates", "until_done", id=f"{queue}-{uuid.uuid4().hex[:8]}", task_queue=queue,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
        await recorder.client.execute_update_with_start_workflow("fetch", "a", start_workflow_operation=operation)
        handle = await operation.workflow_handle()
        await handle.signal("finish")
        await recorder.end(handle)
    await recorder.save(name, handle)


async def reset(recorder):
    """A reset to the first task: signals and updates are there again as Signaled and Admitted events."""
    name = "updates-reset"
    queue = f"corpus-{name}"
    async with recorder.worker(queue, Updates):
        handle = await recorder.start(queue, Updates, "until_done")
        await update(handle, "add", "a")
        await update(handle, "fetch", "b")
        await handle.signal("put", "c")
        await update(handle, "wait", "d")
        await recorder.save(f"{name}_base", handle)
        output = await recorder.cli(
            "workflow", "reset", "-w", handle.id, "-e", "4", "--reason", "corpus", "--output", "json"
        )
        handle = recorder.client.get_workflow_handle(handle.id)
        await asyncio.sleep(1)
        await handle.signal("finish")
        await recorder.end(handle)
        run_id = (await handle.describe()).run_id
        assert run_id in output, output
    await recorder.save(name, handle, run_id)


async def record(recorder):
    def sends(*messages, together=False, pause=0.05, finish=True):
        async def send(handle):
            sent = []
            for kind, *message in messages:
                if kind == "signal":
                    await handle.signal(*message)
                elif together:
                    sent.append(asyncio.create_task(update(handle, *message)))
                else:
                    await update(handle, *message)
                await asyncio.sleep(pause)
            await asyncio.gather(*sent)
            if finish:
                await handle.signal("finish")
        return send

    def updates(*messages):
        return [("update", *message) for message in messages]

    mixed = [
        ("update", "add", "a"), ("signal", "put", "b"), ("update", "fetch", "c"), ("update", "wait", "d"),
        ("signal", "put", "e"), ("update", "look", "f"), ("update", "until", 7), ("update", "add", "g"),
    ]
    plain = updates(("add", "a"), ("add", "b"), ("add", "c"))
    rejected = updates(("add", ""), ("add", "a"), ("add", ""), ("nope", 1), ("add", "b"))
    failing = updates(("add", "broken"), ("wait", "broken"), ("add", "a"))
    slow = updates(("fetch", "a"), ("wait", "b"), ("look", "c"))

    async def cut_off(handle):
        await update(handle, "until", 9, stage=WorkflowUpdateStage.ACCEPTED)
        await update(handle, "wait", "a", stage=WorkflowUpdateStage.ACCEPTED)
        await handle.signal("finish")

    await asyncio.gather(
        recorder.case("updates-plain", Updates, "until_done", sends(*plain)),
        recorder.case("updates-rejected", Updates, "until_done", sends(*rejected)),
        recorder.case("updates-failing", Updates, "until_done", sends(*failing)),
        recorder.case("updates-slow", Updates, "until_done", sends(*slow)),
        recorder.case("updates-slow_together", Updates, "until_done", sends(*slow, together=True, pause=0)),
        recorder.case("updates-mixed", Updates, "until_done", sends(*mixed, together=True)),
        recorder.case("updates-mixed_together", Updates, "until_done", sends(*mixed, together=True, pause=0)),
        recorder.case("updates-mixed_uncached", Updates, "until_done", sends(*mixed, together=True), cached=False),
        recorder.case("updates-works", Updates, "works", sends(*updates(("fetch", "a"), ("add", "b")), pause=0)),
        recorder.case("updates-timer_and_updates", Updates, "timer_and_updates", sends(*plain, finish=False, pause=0.1)),
        recorder.case("updates-last", Updates, "until_done", sends(("update", "last", "a"), finish=False)),
        recorder.case("updates-finish_now", Updates, "cuts_off", sends(("update", "finish_now"), finish=False)),
        recorder.case("updates-cuts_off", Updates, "cuts_off", cut_off),
        recorder.case("updates-registered_later", Updates, "registered_later", sends(("update", "late", "a"))),
        before_the_worker(
            recorder, "updates-before_start", "until_done",
            [*updates(("add", "a")), ("signal", "put", "b"), *updates(("fetch", "c")), ("signal", "finish")],
        ),
        before_the_worker(
            recorder, "updates-before_start_works", "works",
            [*updates(("fetch", "a"), ("add", ""), ("wait", "b")), ("signal", "finish")],
        ),
        with_start(recorder),
        reset(recorder),
    )
