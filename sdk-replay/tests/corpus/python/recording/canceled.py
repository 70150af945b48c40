"""Cancel requests of workflows: what ends, what is shielded, clean-up, requests that are ignored."""

import asyncio

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from .calls import ONCE, Cases, local, seconds, start


@workflow.defn
class Canceled(Cases):
    def __init__(self):
        self.flag = False

    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    @workflow.signal
    async def work(self):
        await start("slow", 0.5)
        self.flag = True

    async def timer(self):
        await asyncio.sleep(60)

    async def activity(self):
        await start("beat", "cancel", heartbeat_timeout=seconds(5), retry_policy=ONCE)

    async def activity_wait(self):
        await start(
            "beat", "cancel", heartbeat_timeout=seconds(5), retry_policy=ONCE,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )

    async def condition(self):
        await workflow.wait_condition(lambda: self.flag)

    async def condition_with_timeout(self):
        await workflow.wait_condition(lambda: self.flag, timeout=60)

    async def gather(self):
        await asyncio.gather(asyncio.sleep(60), start("slow", 60), asyncio.sleep(61))

    async def clean_up(self):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await start("echo", "clean-up")
            await asyncio.sleep(0.05)
            await local("echo", "clean-up")
            raise

    async def clean_up_activity(self):
        try:
            await start("beat", "cancel", heartbeat_timeout=seconds(5), retry_policy=ONCE)
        except ActivityError as error:
            assert is_cancelled_exception(error)
            await start("echo", "clean-up")
            raise

    async def ignored(self):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return await start("echo", "went on")

    async def fails(self):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ApplicationError("not canceled but failed") from None

    async def shielded(self):
        shielded = start("slow", 0.8)
        try:
            await asyncio.shield(shielded)
        except asyncio.CancelledError:
            await shielded
            await start("echo", "after")
            raise

    async def local_activity(self):
        await local("slow", 3)

    async def handler(self):
        # A request cancels the main function, and not what handlers do.
        try:
            await workflow.wait_condition(lambda: self.flag)
        except asyncio.CancelledError:
            await workflow.wait_condition(lambda: self.flag)
            await start("echo", "after")
            raise

    async def child(self):
        await workflow.execute_child_workflow("Canceled", "timer", id=f"{workflow.info().workflow_id}-child")

    async def child_clean_up(self):
        await workflow.execute_child_workflow("Canceled", "clean_up", id=f"{workflow.info().workflow_id}-child")

    async def twice(self):
        for _ in range(2):
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                await start("echo", "canceled")
        await start("echo", "after")


async def record(recorder):
    async def cancel(handle):
        await recorder.reached(handle, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
        await asyncio.sleep(0.1)
        await handle.cancel()

    async def cancel_started(handle):
        await recorder.reached(handle, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, 2)
        await handle.cancel()

    async def cancel_twice(handle):
        await cancel(handle)
        await asyncio.sleep(0.2)
        await handle.cancel()

    async def work_and_cancel(handle):
        await handle.signal("work")
        await cancel(handle)

    async def cancel_at_once(handle):
        await asyncio.sleep(0.5)
        await handle.cancel()

    async def before_start(case):
        name = f"canceled-{case}_before_start"
        queue = f"corpus-{name}"
        handle = await recorder.start(queue, Canceled, case)
        await handle.cancel()
        async with recorder.worker(queue, Canceled):
            await recorder.end(handle)
        await recorder.save(name, handle)

    cases = [
        "timer", "activity", "activity_wait", "condition", "condition_with_timeout", "gather", "clean_up",
        "clean_up_activity", "ignored", "fails", "shielded",
    ]
    await asyncio.gather(
        *(recorder.case(f"canceled-{case}", Canceled, case, cancel) for case in cases),
        *(recorder.case(f"canceled-{case}", Canceled, case, cancel_started) for case in ("child", "child_clean_up")),
        recorder.case("canceled-local_activity", Canceled, "local_activity", cancel_at_once, task_timeout=seconds(1)),
        recorder.case("canceled-handler", Canceled, "handler", work_and_cancel),
        recorder.case("canceled-twice", Canceled, "twice", cancel_twice),
        recorder.case("canceled-clean_up_uncached", Canceled, "clean_up", cancel, cached=False),
        *(before_start(case) for case in ("timer", "clean_up", "activity", "local_activity")),
    )
