"""Reads, resets, schedules, and what is refused whatever it is asked of."""

import asyncio

import temporalio.api.command.v1 as command_api
import temporalio.api.common.v1 as common
import temporalio.api.schedule.v1 as schedule_api
import temporalio.api.taskqueue.v1 as taskqueue
import temporalio.api.workflow.v1 as workflow_api
import temporalio.api.workflowservice.v1 as ws

from .harness import NAMESPACE, activity, command, complete, payload, seconds, timer

HISTORY = "get_workflow_execution_history"


async def histories(s):
    workflow_id = await s.start()

    def reading(**fields):
        return ws.GetWorkflowExecutionHistoryRequest(
            namespace=NAMESPACE, execution=s.execution(workflow_id), **fields
        )

    async def ids(label, **fields):
        page = await s.send(HISTORY, reading(**fields))
        s.say(f"{label}:", [event.event_id for event in page.history.events], bool(page.next_page_token))
        return page

    page = await ids("all", wait_new_event=True)
    waiting = asyncio.create_task(ids("new", wait_new_event=True, next_page_token=page.next_page_token))
    await asyncio.sleep(0.3)
    await s.send("signal_workflow_execution", s.signaling(workflow_id))
    await waiting
    await ids("the end, without waiting", history_event_filter_type=2)
    waiting = asyncio.create_task(ids("the end", wait_new_event=True, history_event_filter_type=2))
    await asyncio.sleep(0.3)
    await s.send("signal_workflow_execution", s.signaling(workflow_id))
    s.say("ended:", waiting.done())
    await s.turn(workflow_id, complete())
    await waiting
    await ids("the end again", history_event_filter_type=2)
    await s.call("bad token", HISTORY, reading(next_page_token=b"zzz"))
    other = reading()
    other.execution.workflow_id = "nowhere"
    await s.call("unknown", HISTORY, other)
    reverse = ws.GetWorkflowExecutionHistoryReverseRequest(namespace=NAMESPACE, execution=s.execution(workflow_id))
    events = (await s.send("get_workflow_execution_history_reverse", reverse)).history.events
    s.say([event.event_id for event in events])


async def resets(s):
    async def reset(workflow_id, to, **fields):
        request = ws.ResetWorkflowExecutionRequest(
            namespace=NAMESPACE,
            workflow_execution=s.execution(workflow_id),
            reason="reason",
            workflow_task_finish_event_id=to,
            **fields,
        )
        return await s.call(f"reset to {to}", "reset_workflow_execution", request)

    workflow_id = await s.start()
    first = await s.current(workflow_id)
    await s.turn(workflow_id, activity("a", workflow_id), timer("t", 100))
    await s.signal(workflow_id, "one")
    await s.turn(workflow_id)
    await s.signal(workflow_id, "two")
    for to in (0, 1, 2, 5, 100):
        await reset(workflow_id, to)
    await reset(workflow_id, 4)
    await s.history(workflow_id, 11, first)
    await s.history(workflow_id)
    await s.turn(workflow_id, activity("b", workflow_id))
    await reset(workflow_id, 3, reset_reapply_exclude_types=[1])
    await s.history(workflow_id)
    await s.terminate(workflow_id)


async def properties(s):
    def modify(**values):
        fields = {key: payload(value) if value is not None else null() for key, value in values.items()}
        attributes = command_api.ModifyWorkflowPropertiesCommandAttributes(upserted_memo=common.Memo(fields=fields))
        return command(16, modify_workflow_properties_command_attributes=attributes)

    workflow_id = await s.start(memo=common.Memo(fields={"a": payload(1), "b": payload(2)}))
    await s.turn(workflow_id, modify(a=None, c=3))
    await s.history(workflow_id, 5)
    s.say(s.json((await s.describe(workflow_id)).workflow_execution_info.memo))


def null() -> common.Payload:
    return common.Payload(metadata={"encoding": b"binary/null"})


async def lists(s):
    workflow_id = await s.start()
    await s.turn(workflow_id, complete())
    await asyncio.sleep(1)
    for condition in (
        f"WorkflowId = '{workflow_id}'",
        f"WorkflowId = '{workflow_id}' AND ExecutionStatus = 'Completed'",
        f"WorkflowId = '{workflow_id}' AND NOT (ExecutionStatus = 'Running' OR CloseTime IS NULL)",
        f"WorkflowId STARTS_WITH '{workflow_id}' AND WorkflowType IN ('workflow', 'other')",
        "WorkflowId LIKE 'x'",
        "Unknown = 1",
        "ExecutionStatus = 'Nope'",
        "((",
        "StartTime > 'yesterday'",
    ):
        request = ws.CountWorkflowExecutionsRequest(namespace=NAMESPACE, query=condition)
        await s.call(f"count {condition}", "count_workflow_executions", request)


async def namespaces(s):
    async def everywhere(label, namespace):
        workflow_id = s.workflow_id()
        start = s.starting(workflow_id)
        start.namespace = namespace
        await s.call(f"{label}, start", "start_workflow_execution", start)
        signal = s.signaling(workflow_id)
        signal.namespace = namespace
        await s.call(f"{label}, signal", "signal_workflow_execution", signal)
        queue = taskqueue.TaskQueue(name="queue")
        poll = ws.PollWorkflowTaskQueueRequest(namespace=namespace, task_queue=queue)
        await s.call(f"{label}, poll", "poll_workflow_task_queue", poll)
        describe = ws.DescribeNamespaceRequest(namespace=namespace)
        await s.call(f"{label}, describe", "describe_namespace", describe)

    await everywhere("unknown", "nowhere")
    short = ws.PollWorkflowTaskQueueRequest(namespace=NAMESPACE, task_queue=taskqueue.TaskQueue(name="queue"))
    await s.call("short poll", "poll_workflow_task_queue", short, 1)
    duplicate = ws.RegisterNamespaceRequest(
        namespace=NAMESPACE, workflow_execution_retention_period=seconds(86400)
    )
    await s.call("duplicate", "register_namespace", duplicate)
    duplicate.ClearField("workflow_execution_retention_period")
    duplicate.namespace = "another"
    await s.call("no retention", "register_namespace", duplicate)


async def schedules(s):
    schedule_id = s.workflow_id()
    about = {"namespace": NAMESPACE, "schedule_id": schedule_id}

    def creating(request_id, **spec):
        start = s.starting(f"run-{schedule_id}")
        action = schedule_api.ScheduleAction(start_workflow=workflow_api.NewWorkflowExecutionInfo(
            workflow_id=start.workflow_id, workflow_type=start.workflow_type, task_queue=start.task_queue
        ))
        spec.setdefault("interval", [schedule_api.IntervalSpec(interval=seconds(3600))])
        schedule = schedule_api.Schedule(spec=schedule_api.ScheduleSpec(**spec), action=action)
        return ws.CreateScheduleRequest(request_id=request_id, identity="client", schedule=schedule, **about)

    async def described():
        answer = await s.send("describe_schedule", ws.DescribeScheduleRequest(**about))
        future = len(answer.info.future_action_times)
        answer.info.ClearField("future_action_times")
        s.say(s.json(answer), future, "to come")
        return answer

    async def patch(label, **fields):
        request = ws.PatchScheduleRequest(patch=schedule_api.SchedulePatch(**fields), **about)
        await s.call(label, "patch_schedule", request)
        await asyncio.sleep(1.5)

    await s.call("create", "create_schedule", creating("one"))
    await s.call("again", "create_schedule", creating("one"))
    await s.call("duplicate", "create_schedule", creating("two"))
    await described()
    await patch("pause", pause="why")
    await described()
    await patch("trigger", trigger_immediately=schedule_api.TriggerImmediatelyRequest(overlap_policy=6))
    answer = await described()
    if answer.info.recent_actions:
        await s.history(answer.info.recent_actions[0].start_workflow_result.workflow_id)
    await s.call("delete", "delete_schedule", ws.DeleteScheduleRequest(**about))
    await s.call("describe", "describe_schedule", ws.DescribeScheduleRequest(**about))
    about["schedule_id"] = "nowhere"
    await s.call("unknown", "describe_schedule", ws.DescribeScheduleRequest(**about))
    await s.call("bad cron", "create_schedule", creating("three", cron_string=["bad"]))


SCENARIOS = [histories, resets, properties, lists, namespaces, schedules]
