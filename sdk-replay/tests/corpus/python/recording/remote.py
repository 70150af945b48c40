"""Activities: results, retries, failures, timeouts, cancellations."""

import asyncio

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.common import Priority
from temporalio.exceptions import ActivityError
from temporalio.workflow import ActivityCancellationType as Cancel

from .calls import ONCE, Cases, quick, seconds, start


@workflow.defn
class Activities(Cases):
    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    async def sequence(self):
        return [await start("echo", number) for number in (1, 2, 3)]

    async def parallel(self):
        return await asyncio.gather(*(start("echo", number) for number in range(5)))

    async def reverse(self):
        handles = [start("slow", 0.05 * number) for number in range(4)]
        return [await handle for handle in reversed(handles)]

    async def as_completed(self):
        handles = [start("slow", wait) for wait in (0.5, 0.05, 0.25)]
        ended = []
        for one in workflow.as_completed(handles):
            ended.append(await one)
            await start("echo", ended[-1])
        return ended

    async def no_value(self):
        await start("nothing")
        return await start("echo", None)

    async def retries(self):
        return await start("flaky", 2, retry_policy=quick())

    async def exhausted(self):
        try:
            await start("flaky", 9, retry_policy=quick(3))
        except ActivityError as error:
            return await start("echo", error.cause.message)

    async def non_retryable(self):
        await start("fail", "final")

    async def non_retryable_type(self):
        policy = quick(non_retryable_error_types=["Typed"])
        try:
            await start("fail", "Typed", retry_policy=policy)
        except ActivityError:
            return await start("echo", "caught")

    async def retry_delay(self):
        return await start("fail", "delay")

    async def one_of_many_fails(self):
        results = await asyncio.gather(
            start("echo", 1), start("fail", "final"), start("slow", 0.2), return_exceptions=True
        )
        return len(results)

    async def first_failure_wins(self):
        await asyncio.gather(start("slow", 0.5), start("fail", "final"), start("slow", 0.6))

    async def options(self):
        await start("echo", 1, activity_id="mine", summary="a summary", priority=Priority(priority_key=2))
        await start("echo", 2)
        return await start("echo", 3, activity_id="4")

    async def timeouts(self):
        kinds = [
            start("slow", 2, start_to_close_timeout=seconds(0.1), retry_policy=ONCE),
            start("slow", 2, schedule_to_start_timeout=seconds(0.1), task_queue="corpus-nobody"),
            start("slow", 2, schedule_to_close_timeout=seconds(0.3)),
            start("slow", 3, heartbeat_timeout=seconds(0.2), retry_policy=ONCE),
        ]
        ends = []
        for kind in kinds:
            try:
                await kind
            except ActivityError as error:
                ends.append(error.cause.type.name)
        return ends

    async def timed_out(self):
        await start("slow", 2, start_to_close_timeout=seconds(0.1), retry_policy=quick(2))

    async def loop(self):
        total = 0
        for number in range(12):
            total += await start("echo", number)
        return total

    async def pipeline(self):
        async def line(number):
            first = await start("slow", 0.02 * number)
            await asyncio.sleep(0.05)
            return await start("echo", first)

        return await asyncio.gather(*(line(number) for number in range(6)))


@workflow.defn
class ActivityCancellation(Cases):
    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    async def outcome(self, handle):
        """How a canceled activity ended; then one more activity."""
        try:
            end = await handle
        except (ActivityError, asyncio.CancelledError) as error:
            end = type(error).__name__
        return await start("echo", end)

    async def running(self, kind, on_cancel="cancel"):
        handle = start("beat", on_cancel, cancellation_type=kind, heartbeat_timeout=seconds(5), retry_policy=ONCE)
        await asyncio.sleep(0.4)
        handle.cancel()
        return await self.outcome(handle)

    async def not_started(self, kind):
        handle = start("echo", 1, cancellation_type=kind, task_queue="corpus-nobody")
        await asyncio.sleep(0.1)
        handle.cancel()
        return await self.outcome(handle)

    async def before_send(self, kind):
        dropped = start("echo", "dropped", cancellation_type=kind)
        kept = start("echo", "kept")
        await asyncio.sleep(0)
        dropped.cancel()
        await self.outcome(dropped)
        return await kept

    async def try_running(self):
        return await self.running(Cancel.TRY_CANCEL)

    async def wait_running(self):
        return await self.running(Cancel.WAIT_CANCELLATION_COMPLETED)

    async def wait_completes(self):
        return await self.running(Cancel.WAIT_CANCELLATION_COMPLETED, "complete")

    async def wait_fails(self):
        return await self.running(Cancel.WAIT_CANCELLATION_COMPLETED, "fail")

    async def abandon_running(self):
        return await self.running(Cancel.ABANDON)

    async def try_not_started(self):
        return await self.not_started(Cancel.TRY_CANCEL)

    async def wait_not_started(self):
        return await self.not_started(Cancel.WAIT_CANCELLATION_COMPLETED)

    async def abandon_not_started(self):
        return await self.not_started(Cancel.ABANDON)

    async def try_before_send(self):
        return await self.before_send(Cancel.TRY_CANCEL)

    async def wait_before_send(self):
        return await self.before_send(Cancel.WAIT_CANCELLATION_COMPLETED)

    async def abandon_before_send(self):
        return await self.before_send(Cancel.ABANDON)

    async def abandoned_ends_later(self):
        handles = [
            start("slow", 0.3, cancellation_type=Cancel.ABANDON),
            start("fail", "final", start_to_close_timeout=seconds(5), cancellation_type=Cancel.ABANDON),
        ]
        timer = asyncio.create_task(asyncio.sleep(0.02))
        await timer
        for handle in handles:
            handle.cancel()
        ended = [await self.outcome(handle) for handle in handles]
        await asyncio.sleep(0.6)
        return ended

    async def after_its_end(self):
        handle = start("echo", 1)
        await handle
        handle.cancel()
        return await self.outcome(handle)


async def record(recorder):
    activities = [
        "sequence", "parallel", "reverse", "as_completed", "no_value", "retries", "exhausted", "non_retryable",
        "non_retryable_type", "retry_delay", "one_of_many_fails", "first_failure_wins", "options", "timeouts",
        "timed_out", "loop", "pipeline",
    ]
    cancellations = [
        "try_running", "wait_running", "wait_completes", "wait_fails", "abandon_running", "try_not_started",
        "wait_not_started", "abandon_not_started", "try_before_send", "wait_before_send", "abandon_before_send",
        "abandoned_ends_later", "after_its_end",
    ]
    await asyncio.gather(
        *(recorder.case(f"activities-{case}", Activities, case) for case in activities),
        *(recorder.case(f"activity_cancellation-{case}", ActivityCancellation, case) for case in cancellations),
        recorder.case("activities-loop_uncached", Activities, "loop", cached=False),
    )
    async def wait_for_two(handle):
        await recorder.reached(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, 2)
    await recorder.case("activities-pipeline_uncached", Activities, "pipeline", wait_for_two, cached=False)
