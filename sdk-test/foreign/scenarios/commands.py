"""Commands that cannot be carried out, and what is said of them."""

import temporalio.api.command.v1 as command_api
import temporalio.api.common.v1 as common
from temporalio.api.taskqueue.v1 import TaskQueue

from .harness import (
    activity,
    cancel_activity,
    cancel_external,
    cancel_timer,
    child,
    command,
    continue_as_new,
    payload,
    retry,
    seconds,
    signal_external,
    timer,
)

LONG = "x" * 1001


def without(built, *path):
    """The command without the field at a path of its attributes."""
    place = getattr(built, built.WhichOneof("attributes"))
    for name in path[:-1]:
        place = getattr(place, name)
    place.ClearField(path[-1])
    return built


def marker():
    return command(9, record_marker_command_attributes=command_api.RecordMarkerCommandAttributes())


def upsert(**values):
    attributes = command_api.UpsertWorkflowSearchAttributesCommandAttributes(
        search_attributes=common.SearchAttributes(indexed_fields={key: payload(value) for key, value in values.items()})
        if values
        else None
    )
    return command(13, upsert_workflow_search_attributes_command_attributes=attributes)


def bad() -> dict:
    negative = seconds(-1)
    coefficient = retry(backoff_coefficient=0.1)
    run = common.WorkflowExecution(workflow_id="target", run_id="x")
    signal_to_run = signal_external("target")
    signal_to_run.signal_external_workflow_execution_command_attributes.execution.CopyFrom(run)
    modify = command_api.ModifyWorkflowPropertiesCommandAttributes()
    return {
        "timer: no id": timer("", 1),
        "timer: long id": timer(LONG, 1),
        "timer: negative": timer("t", -5),
        "timer: nothing": command(3),
        "cancel timer: no id": cancel_timer(""),
        "cancel timer: unknown": cancel_timer("t"),
        "activity: no id": activity("", "queue"),
        "activity: long id": activity(LONG, "queue"),
        "activity: no type": without(activity("a", "queue"), "activity_type"),
        "activity: no queue": without(activity("a", "queue"), "task_queue"),
        "activity: empty queue": activity("a", ""),
        "activity: reserved queue": activity("a", "/_sys/x"),
        "activity: no timeouts": activity("a", "queue", schedule_to_close_timeout=seconds(0)),
        "activity: negative": activity("a", "queue", heartbeat_timeout=negative),
        "activity: bad policy": activity("a", "queue", retry_policy=coefficient),
        "activity: nothing": command(1),
        "cancel activity: no id": cancel_activity(0),
        "cancel activity: unknown": cancel_activity(99),
        "marker: no name": marker(),
        "fail: no failure": command(
            5, fail_workflow_execution_command_attributes=command_api.FailWorkflowExecutionCommandAttributes()
        ),
        "complete: nothing": command(4),
        "child: no id": child(""),
        "child: long id": child(LONG),
        "child: no type": without(child("c"), "workflow_type"),
        "child: negative": child("c", workflow_run_timeout=negative),
        "child: bad cron": child("c", cron_schedule="nope"),
        "child: bad policy": child("c", retry_policy=coefficient),
        "child: unknown namespace": child("c", namespace="nowhere"),
        "signal: no execution": without(signal_external("target"), "execution"),
        "signal: no id": without(signal_external("target"), "execution", "workflow_id"),
        "signal: bad run": signal_to_run,
        "signal: no name": without(signal_external("target"), "signal_name"),
        "cancel: no id": cancel_external(""),
        "cancel: bad run": cancel_external("target", run_id="x"),
        "upsert: nothing": upsert(),
        "upsert: unknown": upsert(Unknown="x"),
        "memo: nothing": command(16, modify_workflow_properties_command_attributes=modify),
    }


async def bad_commands(s):
    for label, wrong in bad().items():
        workflow_id = await s.start()
        task = await s.task(workflow_id)
        await s.answer(label, task, [wrong])
        await s.history(workflow_id, 4)
        await s.terminate(workflow_id)


async def bad_in_company(s):
    cases = {
        "good, bad": [timer("t", 1), activity("a", "queue"), timer("", 1)],
        "one timer id twice": [timer("t", 5), timer("t", 6)],
        "one activity id twice": [activity("a", "queue"), activity("a", "queue")],
        "child and its cancellation": [child("c"), cancel_external("c", child_workflow_only=True)],
    }
    for label, together in cases.items():
        workflow_id = await s.start()
        task = await s.task(workflow_id)
        await s.answer(label, task, together)
        await s.history(workflow_id, 4)
        s.say(len((await s.describe(workflow_id)).pending_activities), "activities")


async def continued_badly(s):
    workflow_id = await s.start()
    task = await s.task(workflow_id)
    queue = TaskQueue(name="")
    await s.answer("bad search attribute", task, [continue_as_new(
        task_queue=queue,
        search_attributes=common.SearchAttributes(indexed_fields={"Unknown": payload("x")}),
    )])
    await s.history(workflow_id, 4)


SCENARIOS = [bad_commands, bad_in_company, continued_badly]
