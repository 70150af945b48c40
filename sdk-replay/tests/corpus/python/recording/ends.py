"""Ends of runs: failures, retries, cron, timeouts, termination."""

import asyncio

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError

from .calls import Cases, seconds, start


@workflow.defn
class Ends(Cases):
    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    async def nothing(self):
        return None

    async def at_once(self):
        return {"answer": 42}

    async def fails(self):
        raise ApplicationError("broken", 1, 2, type="Broken")

    async def fails_for_good(self):
        raise ApplicationError("broken", type="Broken", non_retryable=True)

    async def fails_with_a_cause(self):
        try:
            raise ValueError("inner")
        except ValueError as error:
            raise ApplicationError("outer") from error

    async def fails_beside_others(self):
        asyncio.create_task(asyncio.sleep(10))
        start("slow", 10)
        await start("echo", 1)
        asyncio.create_task(asyncio.sleep(11))
        await asyncio.sleep(0)
        raise ApplicationError("broken")

    async def retried(self):
        attempt = workflow.info().attempt
        await start("echo", attempt)
        if attempt < 3:
            raise ApplicationError(f"attempt {attempt}")
        return attempt

    async def cron(self):
        last = workflow.get_last_completion_result(int) if workflow.has_last_completion_result() else 0
        await start("echo", last)
        return last + 1

    async def waits(self):
        await start("echo", 1)
        await asyncio.sleep(60)


async def record(recorder):
    async def all_runs(name, case, runs, close, **options):
        queue = f"corpus-{name}"
        async with recorder.worker(queue, Ends):
            handle = await recorder.start(queue, Ends, case, **options)
            run_id = handle.first_execution_run_id
            for number in range(1, runs + 1):
                of_run = recorder.client.get_workflow_handle(handle.id, run_id=run_id)
                ends = (
                    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED
                )
                for _ in range(600):
                    last = (await of_run.fetch_history()).events[-1]
                    if last.event_type in ends:
                        break
                    await asyncio.sleep(0.05)
                await recorder.save(f"{name}-{number}", handle, run_id)
                run_id = (
                    last.workflow_execution_completed_event_attributes.new_execution_run_id
                    or last.workflow_execution_failed_event_attributes.new_execution_run_id
                )
            if close:
                await recorder.client.get_workflow_handle(handle.id).terminate()

    async def terminate(handle):
        await recorder.reached(handle, EventType.EVENT_TYPE_TIMER_STARTED)
        await handle.terminate("enough")

    policy = RetryPolicy(initial_interval=seconds(0.1), maximum_attempts=3)
    cases = ["nothing", "at_once", "fails", "fails_for_good", "fails_with_a_cause", "fails_beside_others"]
    await asyncio.gather(
        *(recorder.case(f"ends-{case}", Ends, case) for case in cases),
        recorder.case("ends-terminated", Ends, "waits", terminate),
        recorder.case("ends-timed_out", Ends, "waits", execution_timeout=seconds(1)),
        all_runs("ends-retried", "retried", 3, False, retry_policy=policy),
        all_runs("ends-cron", "cron", 2, True, cron_schedule="@every 1s"),
    )
