"""The Python SDK as a client and a worker of durably-server: python_session.py <address>.

Runs workflows with what most programs use and checks what comes of them; exits with 1 if anything is wrong.
"""

import asyncio
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleSpec,
    WorkflowFailureError,
)
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.worker import Replayer, Worker

from leaving import run_and_leave

QUEUE = "python"
attempts = 0


@activity.defn
async def greet(name: str) -> str:
    return f"hello {name}"


@activity.defn
async def flaky() -> int:
    global attempts
    attempts += 1
    if attempts < 3:
        raise ApplicationError("not yet")
    return attempts


@workflow.defn
class Child:
    @workflow.run
    async def run(self, number: int) -> int:
        await workflow.sleep(0.01)
        return number * 2


@workflow.defn
class Everything:
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.done = False

    @workflow.run
    async def run(self, name: str) -> list[str]:
        second = timedelta(seconds=10)
        self.notes.append(await workflow.execute_activity(greet, name, start_to_close_timeout=second))
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=10))
        tries = await workflow.execute_activity(flaky, start_to_close_timeout=second, retry_policy=policy)
        self.notes.append(f"{tries} tries")
        local = await workflow.execute_local_activity(greet, "local", start_to_close_timeout=second)
        self.notes.append(local)
        self.notes.append(str(await workflow.execute_child_workflow(Child.run, 21)))
        if workflow.patched("patch"):
            self.notes.append("patched")
        await workflow.wait_condition(lambda: self.done)
        return self.notes

    @workflow.signal
    def note(self, text: str) -> None:
        self.notes.append(text)

    @workflow.query
    def count(self) -> int:
        return len(self.notes)

    @workflow.update
    async def finish(self, text: str) -> int:
        await workflow.sleep(0.01)
        self.notes.append(text)
        self.done = True
        return len(self.notes)

    @finish.validator
    def check(self, text: str) -> None:
        if not text:
            raise ApplicationError("a text is needed")


@workflow.defn
class Waits:
    @workflow.run
    async def run(self, left: int) -> str:
        if left > 0:
            workflow.continue_as_new(left - 1)
        await workflow.sleep(3600)
        return "slept"


def expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")
    print(f"ok: {what}")


async def everything(client: Client) -> None:
    handle = await client.start_workflow(Everything.run, "Python", id="everything", task_queue=QUEUE)
    await handle.signal(Everything.note, "a signal")
    try:
        await handle.execute_update(Everything.finish, "")
        raise AssertionError("an update without a text is accepted")
    except AssertionError:
        raise
    except Exception as error:
        expect("a refused update", type(error).__name__, "WorkflowUpdateFailedError")
    while await handle.query(Everything.count) < 6:
        await asyncio.sleep(0.01)
    expect("an update", await handle.execute_update(Everything.finish, "the end"), 7)
    notes = await handle.result()
    wanted = ["hello Python", "3 tries", "hello local", "42", "patched", "a signal", "the end"]
    expect("a workflow's result", sorted(notes), sorted(wanted))
    described = await handle.describe()
    expect("its status", described.status.name, "COMPLETED")
    found = [run.id async for run in client.list_workflows("WorkflowType = 'Everything'")]
    expect("a list", found, ["everything"])
    history = await handle.fetch_history()
    await Replayer(workflows=[Everything, Child]).replay_workflow(history)
    print("ok: the history replays")


async def cancellation(client: Client) -> None:
    handle = await client.start_workflow(Waits.run, 1, id="waits", task_queue=QUEUE)
    while (await handle.describe()).raw_description.workflow_execution_info.history_length < 5:
        await asyncio.sleep(0.01)
    await handle.cancel()
    try:
        await handle.result()
        raise AssertionError("a canceled workflow completes")
    except WorkflowFailureError as error:
        expect("a cancellation", isinstance(error.cause, CancelledError), True)


async def schedules(client: Client) -> None:
    action = ScheduleActionStartWorkflow(Child.run, 4, id="scheduled", task_queue=QUEUE)
    hourly = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(hours=1))])
    handle = await client.create_schedule("hourly", Schedule(action=action, spec=hourly))
    await handle.trigger()
    while not (described := await handle.describe()).info.recent_actions:
        await asyncio.sleep(0.01)
    expect("a triggered schedule", described.info.num_actions, 1)
    await handle.delete()


async def main(address: str) -> None:
    client = await Client.connect(address)
    worker = Worker(
        client,
        task_queue=QUEUE,
        workflows=[Everything, Child, Waits],
        activities=[greet, flaky],
    )
    async with worker:
        await everything(client)
        await cancellation(client)
        await schedules(client)
    print("the Python SDK is content")


async def in_time() -> None:
    await asyncio.wait_for(main(sys.argv[1]), 60)


if __name__ == "__main__":
    run_and_leave(in_time())
