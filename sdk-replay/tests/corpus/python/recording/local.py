"""Local activities: results, order, retries, backoff timers, cancellations, heartbeats of the task."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError
from temporalio.workflow import ActivityCancellationType as Cancel

from .calls import ONCE, Cases, local, quick, seconds, start


@workflow.defn
class LocalActivities(Cases):
    def __init__(self):
        self.notes = []

    @workflow.run
    async def run(self, case: str):
        return await self.run_case(case)

    @workflow.signal
    async def note(self, word: str):
        self.notes.append(await local("echo", word))

    @workflow.update
    async def ask(self, word: str) -> str:
        answer = await local("echo", word)
        await local("slow", 0.1)
        self.notes.append(answer)
        return answer

    async def one(self):
        return await local("echo", "one")

    async def sequence(self):
        return [await local("echo", number) for number in range(6)]

    async def parallel(self):
        return await asyncio.gather(*(local("slow", wait) for wait in (0.3, 0.1, 0.2)))

    async def parallel_at_once(self):
        return await asyncio.gather(*(local("echo", number) for number in range(5)))

    async def parallel_chains(self):
        async def chain(number):
            await local("slow", 0.05 * number)
            await local("echo", number)
            return await start("echo", number)

        return await asyncio.gather(*(chain(number) for number in (3, 1, 2)))

    async def mixed_ids(self):
        first = await start("echo", 1)
        second = await local("echo", 2)
        third = start("echo", 3)
        fourth = local("echo", 4)
        fifth = start("echo", 5)
        return [first, second, await third, await fourth, await fifth]

    async def with_timer(self):
        timer = asyncio.create_task(asyncio.sleep(0.1))
        await local("slow", 0.3)
        await timer
        return await local("echo", "after")

    async def no_value(self):
        await local("nothing")
        return await local("echo", None)

    async def retries(self):
        return await local("flaky", 2, retry_policy=quick())

    async def fails(self):
        try:
            await local("fail", "Broken", retry_policy=ONCE)
        except FailureError as error:
            return await local("echo", error.message)

    async def fails_for_good(self):
        await local("fail", "final")

    async def backoff_timers(self):
        policy = quick()
        policy.initial_interval = seconds(0.2)
        first = await local("flaky", 2, retry_policy=policy, local_retry_threshold=seconds(0.1))
        return [first, await local("echo", 2), await start("echo", 3)]

    async def backoff_timers_parallel(self):
        policy = quick()
        policy.initial_interval = seconds(0.2)
        return await asyncio.gather(
            local("flaky", 1, retry_policy=policy, local_retry_threshold=seconds(0.1)),
            local("slow", 0.1),
            local("flaky", 2, retry_policy=policy, local_retry_threshold=seconds(0.1)),
        )

    async def timeouts(self):
        kinds = [
            local("slow", 1, start_to_close_timeout=seconds(0.1), retry_policy=ONCE),
            local("slow", 1, schedule_to_close_timeout=seconds(0.2)),
        ]
        ends = []
        for kind in kinds:
            try:
                await kind
            except FailureError as error:
                ends.append(type(error).__name__)
        return ends

    async def canceled(self, kind, name="slow"):
        handle = local(name, 2, cancellation_type=kind)
        other = local("slow", 0.2)
        await local("slow", 0.1)
        handle.cancel()
        try:
            end = await handle
        except (ActivityError, asyncio.CancelledError) as error:
            end = type(error).__name__
        return [await local("echo", end), await other]

    async def cancel_try(self):
        return await self.canceled(Cancel.TRY_CANCEL)

    async def cancel_wait(self):
        return await self.canceled(Cancel.WAIT_CANCELLATION_COMPLETED)

    async def cancel_wait_stubborn(self):
        return await self.canceled(Cancel.WAIT_CANCELLATION_COMPLETED, "stubborn")

    async def cancel_abandon(self):
        return await self.canceled(Cancel.ABANDON)

    async def cancel_at_once(self):
        ends = []
        for kind in (Cancel.TRY_CANCEL, Cancel.WAIT_CANCELLATION_COMPLETED, Cancel.ABANDON):
            handle = local("slow", 0.3, cancellation_type=kind)
            await asyncio.sleep(0)
            handle.cancel()
            try:
                await handle
            except (ActivityError, asyncio.CancelledError) as error:
                ends.append(type(error).__name__)
        await start("echo", len(ends))
        return ends

    async def cancel_backoff(self):
        policy = quick()
        policy.initial_interval = seconds(5)
        handle = local("flaky", 2, retry_policy=policy, local_retry_threshold=seconds(0.1))
        await asyncio.sleep(0.3)
        handle.cancel()
        try:
            await handle
        except (ActivityError, asyncio.CancelledError):
            return await local("echo", "canceled")

    async def heartbeats(self):
        await local("slow", 3)
        return await start("echo", "after")

    async def heartbeats_two(self):
        both = [local("slow", 1.5), local("slow", 3)]
        await both[0]
        await local("echo", "between")
        return await both[1]

    async def heartbeats_after_activity(self):
        await start("echo", "before")
        waiting = asyncio.create_task(asyncio.sleep(0.2))
        await local("slow", 2.5)
        await waiting
        return await local("echo", "after")

    async def notes_while_it_runs(self):
        await local("slow", 2.5)
        await workflow.wait_condition(lambda: len(self.notes) == 2)
        return self.notes

    async def asked_while_it_runs(self):
        await local("slow", 2.5)
        await workflow.wait_condition(lambda: len(self.notes) == 2)
        return self.notes

    async def clock(self):
        began = workflow.now()
        await local("slow", 0.2)
        # Local activities advance the clock.
        if workflow.now() > began:
            await asyncio.sleep(0.01)
        return await local("echo", "after")

    async def end_while_it_runs(self):
        local("slow", 5)
        return await local("echo", "enough")

    async def race(self):
        handle = local("slow", 0.2)
        done, _ = await workflow.wait(
            [handle, asyncio.create_task(asyncio.sleep(1))], return_when=asyncio.FIRST_COMPLETED
        )
        return handle in done

    async def options(self):
        await local("echo", 1, activity_id="mine", summary="a summary")
        return await local("echo", 2)


async def record(recorder):
    names = [
        "one", "sequence", "parallel", "parallel_at_once", "parallel_chains", "mixed_ids", "with_timer", "no_value",
        "retries", "fails", "fails_for_good", "backoff_timers", "backoff_timers_parallel", "timeouts", "cancel_try",
        "cancel_wait", "cancel_wait_stubborn", "cancel_abandon", "cancel_at_once", "cancel_backoff", "clock",
        "end_while_it_runs", "race", "options",
    ]
    short = {"task_timeout": seconds(1)}
    heartbeats = ["heartbeats", "heartbeats_two", "heartbeats_after_activity"]

    async def two_notes(handle):
        await asyncio.sleep(0.4)
        await handle.signal("note", "first")
        await asyncio.sleep(1)
        await handle.signal("note", "second")

    async def two_questions(handle):
        await asyncio.sleep(0.4)
        await asyncio.gather(handle.execute_update("ask", "first"), handle.execute_update("ask", "second"))

    await asyncio.gather(
        *(recorder.case(f"local-{case}", LocalActivities, case) for case in names),
        *(recorder.case(f"local-{case}", LocalActivities, case, **short) for case in heartbeats),
        recorder.case("local-notes_while_it_runs", LocalActivities, "notes_while_it_runs", two_notes, **short),
        recorder.case("local-asked_while_it_runs", LocalActivities, "asked_while_it_runs", two_questions, **short),
        recorder.case("local-sequence_uncached", LocalActivities, "sequence", cached=False),
        recorder.case("local-mixed_ids_uncached", LocalActivities, "mixed_ids", cached=False),
    )
