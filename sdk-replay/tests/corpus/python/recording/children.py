"""Child workflows: ends of each kind, close policies, cancellation types, ids, signals."""

import asyncio

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.common import RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType as Cancel
from temporalio.workflow import ParentClosePolicy

from .calls import Cases, local, seconds, start


@workflow.defn(name="Child")
class Child:
    def __init__(self):
        self.words = []

    @workflow.signal
    def word(self, word: str):
        self.words.append(word)

    @workflow.run
    async def run(self, what: str, number: int = 0):
        if what == "echo":
            return number
        if what == "sleep":
            await asyncio.sleep(number / 1000)
            return number
        if what == "fail":
            raise ApplicationError("the child is broken", type="Broken", non_retryable=True)
        if what == "flaky":
            if workflow.info().attempt < number:
                raise ApplicationError("once more", type="Flaky")
            return workflow.info().attempt
        if what == "continue":
            if number > 0:
                workflow.continue_as_new(args=[what, number - 1])
            return "last"
        if what == "words":
            await workflow.wait_condition(lambda: len(self.words) >= number)
            return self.words
        if what == "clean up":
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                await asyncio.sleep(0.1)
                raise
        if what == "ignore":
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                return "ignored"


@workflow.defn
class Children(Cases):
    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    def name(self, number):
        return f"{workflow.info().workflow_id}-child-{number}"

    def call(self, number, what, argument=0, **options):
        return workflow.execute_child_workflow("Child", args=[what, argument], id=self.name(number), **options)

    async def begin(self, number, what, argument=0, **options):
        return await workflow.start_child_workflow("Child", args=[what, argument], id=self.name(number), **options)

    async def one(self):
        return await self.call(1, "echo", 7)

    async def sequence(self):
        return [await self.call(number, "echo", number) for number in (1, 2, 3)]

    async def parallel(self):
        return await asyncio.gather(*(self.call(number, "sleep", 100 * number) for number in (3, 1, 2)))

    async def named_by_chance(self):
        return await workflow.execute_child_workflow("Child", args=["echo", 1])

    async def fails(self):
        try:
            await self.call(1, "fail")
        except ChildWorkflowError as error:
            return await start("echo", error.cause.message)

    async def fails_for_good(self):
        await self.call(1, "fail")

    async def times_out(self):
        try:
            await self.call(1, "sleep", 60_000, run_timeout=seconds(1))
        except ChildWorkflowError:
            return await start("echo", "timed out")

    async def terminated(self):
        try:
            await self.call(1, "sleep", 60_000)
        except ChildWorkflowError:
            return await start("echo", "terminated")

    async def retried(self):
        policy = RetryPolicy(initial_interval=seconds(0.1), maximum_attempts=3)
        return await self.call(1, "flaky", 3, retry_policy=policy)

    async def continues(self):
        return await self.call(1, "continue", 2)

    async def signaled(self):
        child = await self.begin(1, "words", 3)
        await child.signal("word", "a")
        await asyncio.gather(child.signal("word", "b"), child.signal("word", "c"))
        return await child

    async def same_id(self):
        first = await self.begin(1, "sleep", 500)
        try:
            await self.begin(1, "echo", id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE)
        except WorkflowAlreadyStartedError:
            await start("echo", "taken")
        return await first

    async def abandoned(self):
        await self.begin(1, "sleep", 300, parent_close_policy=ParentClosePolicy.ABANDON)

    async def asked_to_cancel(self):
        await self.begin(1, "sleep", 60_000, parent_close_policy=ParentClosePolicy.REQUEST_CANCEL)

    async def terminated_with_parent(self):
        await self.begin(1, "sleep", 60_000)
        return await start("echo", "enough")

    async def canceled(self, kind, what="clean up"):
        child = await self.begin(1, what, cancellation_type=kind)
        await asyncio.sleep(0.2)
        child.cancel()
        try:
            end = await child
        except (ChildWorkflowError, asyncio.CancelledError) as error:
            end = type(error).__name__
        await asyncio.sleep(0.3)
        return await start("echo", end)

    async def cancel_wait(self):
        return await self.canceled(Cancel.WAIT_CANCELLATION_COMPLETED)

    async def cancel_wait_requested(self):
        return await self.canceled(Cancel.WAIT_CANCELLATION_REQUESTED)

    async def cancel_try(self):
        return await self.canceled(Cancel.TRY_CANCEL)

    async def cancel_abandon(self):
        return await self.canceled(Cancel.ABANDON)

    async def cancel_ignored(self):
        return await self.canceled(Cancel.WAIT_CANCELLATION_COMPLETED, "ignore")

    async def cancel_before_send(self):
        child = asyncio.create_task(self.begin(1, "echo", 1))
        await asyncio.sleep(0)
        child.cancel()
        try:
            await child
        except (ChildWorkflowError, asyncio.CancelledError):
            return await self.call(2, "echo", 2)

    async def cancel_as_it_starts(self):
        child = await self.begin(1, "clean up")
        child.cancel()
        try:
            await child
        except (ChildWorkflowError, asyncio.CancelledError) as error:
            return await start("echo", type(error).__name__)

    async def race(self):
        child = await self.begin(1, "sleep", 60_000)
        timer = asyncio.create_task(asyncio.sleep(0.1))
        done, rest = await workflow.wait([child, timer], return_when=asyncio.FIRST_COMPLETED)
        for one in rest:
            one.cancel()
        try:
            await child
        except ChildWorkflowError:
            return await local("echo", timer in done)

    async def options(self):
        await self.call(
            1, "echo", 1, memo={"a": 1}, static_summary="a summary", static_details="details",
            execution_timeout=seconds(60), task_timeout=seconds(5), cancellation_type=Cancel.TRY_CANCEL,
        )
        return await self.call(2, "echo", 2)


async def record(recorder):
    cases = [
        "one", "sequence", "parallel", "named_by_chance", "fails", "fails_for_good", "times_out", "retried",
        "continues", "signaled", "same_id", "abandoned", "asked_to_cancel", "terminated_with_parent", "cancel_wait",
        "cancel_wait_requested", "cancel_try", "cancel_abandon", "cancel_ignored", "cancel_before_send",
        "cancel_as_it_starts", "race", "options",
    ]

    async def terminate(handle):
        await recorder.reached(handle, EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED)
        await recorder.client.get_workflow_handle(f"{handle.id}-child-1").terminate()

    async def one(name, case, steps=None, **options):
        queue = f"corpus-{name}"
        async with recorder.worker(queue, Children, Child, **options):
            handle = await recorder.start(queue, Children, case)
            if steps:
                await steps(handle)
            await recorder.end(handle)
        await recorder.save(name, handle)

    await asyncio.gather(
        *(one(f"children-{case}", case) for case in cases),
        one("children-terminated", "terminated", terminate),
        one("children-parallel_uncached", "parallel", cached=False),
        one("children-cancel_wait_uncached", "cancel_wait", cached=False),
    )
