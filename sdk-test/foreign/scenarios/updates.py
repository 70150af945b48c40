"""Queries and updates."""

import asyncio

import temporalio.api.command.v1 as command_api
import temporalio.api.protocol.v1 as protocol
import temporalio.api.query.v1 as query_api
import temporalio.api.update.v1 as update_api
import temporalio.api.workflowservice.v1 as ws
from google.protobuf.any_pb2 import Any

from .harness import NAMESPACE, application_failure, command, complete, continue_as_new, payloads, seconds, timer

UPDATE = "update_workflow_execution"
ANSWER = "respond_query_task_completed"


def packed(message) -> Any:
    body = Any()
    body.Pack(message)
    return body


def message(request, what, body) -> protocol.Message:
    update_id = request.protocol_instance_id
    return protocol.Message(id=f"{update_id}/{what}", protocol_instance_id=update_id, body=packed(body))


def accept(request):
    return message(request, "accept", update_api.Acceptance(
        accepted_request_message_id=request.id,
        accepted_request_sequencing_event_id=request.event_id,
        accepted_request=update_api.Request.FromString(request.body.value),
    ))


def reject(request):
    return message(request, "reject", update_api.Rejection(
        rejected_request_message_id=request.id,
        rejected_request_sequencing_event_id=request.event_id,
        rejected_request=update_api.Request.FromString(request.body.value),
        failure=application_failure("rejected"),
    ))


def respond(request, result="result"):
    meta = update_api.Meta(update_id=request.protocol_instance_id, identity="client")
    outcome = update_api.Outcome(success=payloads(result))
    return message(request, "respond", update_api.Response(meta=meta, outcome=outcome))


def place(message_id):
    attributes = command_api.ProtocolMessageCommandAttributes(message_id=message_id)
    return command(14, protocol_message_command_attributes=attributes)


def updating(s, workflow_id, update_id, stage=3, name="update"):
    return ws.UpdateWorkflowExecutionRequest(
        namespace=NAMESPACE,
        workflow_execution=s.execution(workflow_id),
        wait_policy=update_api.WaitPolicy(lifecycle_stage=stage),
        request=update_api.Request(
            meta=update_api.Meta(update_id=update_id, identity="client"),
            input=update_api.Input(name=name, args=payloads(1)),
        ),
    )


def polling(s, workflow_id, update_id, stage=3):
    return ws.PollWorkflowExecutionUpdateRequest(
        namespace=NAMESPACE,
        update_ref=update_api.UpdateRef(workflow_execution=s.execution(workflow_id), update_id=update_id),
        wait_policy=update_api.WaitPolicy(lifecycle_stage=stage),
    )


async def accepted_then_completed(s):
    workflow_id = await s.start()
    begun = s.begin("update", UPDATE, updating(s, workflow_id, "u1"))
    await asyncio.sleep(0.3)
    task = await s.task(workflow_id)
    s.show_task(task)
    request = task.messages[0]
    await s.answer("accept", task, [place("u1/accept"), timer("t", 1)], messages=[accept(request)])
    await s.call("accepted", UPDATE, updating(s, workflow_id, "u1", 2))
    task = await s.task(workflow_id)
    await s.answer("respond", task, [place("u1/respond")], messages=[respond(request)])
    await s.end(begun)
    await s.history(workflow_id, 3)
    await s.call("again", UPDATE, updating(s, workflow_id, "u1"))
    await s.call("poll", "poll_workflow_execution_update", polling(s, workflow_id, "u1"))
    await s.call("poll unknown", "poll_workflow_execution_update", polling(s, workflow_id, "nope"))


async def quiet(s):
    """A run with nothing to do."""
    workflow_id = await s.start()
    await s.turn(workflow_id)
    return workflow_id


async def speculative(s):
    workflow_id = await quiet(s)
    for update_id in ("u1", "u1"):
        begun = s.begin("rejected", UPDATE, updating(s, workflow_id, update_id))
        task = await s.task(workflow_id)
        s.show_task(task)
        await s.history(workflow_id, 5)
        await s.answer("reject", task, messages=[reject(task.messages[0])])
        await s.end(begun)
        await s.history(workflow_id, 4)
    begun = s.begin("ignored", UPDATE, updating(s, workflow_id, "u2"))
    await s.answer("ignore", await s.task(workflow_id))
    await s.end(begun)
    begun = s.begin("completed", UPDATE, updating(s, workflow_id, "u3"))
    task = await s.task(workflow_id)
    request = task.messages[0]
    messages = [accept(request), respond(request)]
    await s.answer("complete", task, [place(one.id) for one in messages], messages=messages)
    await s.end(begun)
    await s.history(workflow_id, 4)
    begun = s.begin("with a signal", UPDATE, updating(s, workflow_id, "u4"))
    task = await s.task(workflow_id)
    await s.signal(workflow_id)
    await s.history(workflow_id, 10)
    await s.answer("reject", task, messages=[reject(task.messages[0])])
    await s.end(begun)
    await s.history(workflow_id, 10)
    await s.turn(workflow_id)
    begun = s.begin("with a failed task", UPDATE, updating(s, workflow_id, "u5"))
    await s.fail_task(await s.task(workflow_id))
    task = await s.task(workflow_id)
    s.show_task(task)
    request = task.messages[0]
    await s.answer("messages alone", task, messages=[accept(request), respond(request)])
    await s.end(begun)
    await s.history(workflow_id, 15)


async def refused_updates(s):
    workflow_id = await s.start()
    await s.call("wait for admission", UPDATE, updating(s, workflow_id, "u", 1))
    await s.call("nobody comes", UPDATE, updating(s, workflow_id, "u", 2), 2)
    await s.call("no name", UPDATE, updating(s, workflow_id, "v", name=""))
    request = updating(s, workflow_id, "v")
    request.ClearField("request")
    await s.call("no request", UPDATE, request)
    await s.call("unknown workflow", UPDATE, updating(s, "nowhere", "v"))
    workflow_id = await s.start()
    begun = s.begin("absent message", UPDATE, updating(s, workflow_id, "u"))
    await asyncio.sleep(0.3)
    await s.answer("absent message", await s.task(workflow_id), [place("nope")])
    await s.end(begun)
    await s.history(workflow_id, 4)
    workflow_id = await s.start()
    begun = s.begin("response without acceptance", UPDATE, updating(s, workflow_id, "u"))
    await asyncio.sleep(0.3)
    task = await s.task(workflow_id)
    await s.answer("response without acceptance", task, messages=[respond(task.messages[0])])
    await s.end(begun)
    workflow_id = await s.start()
    task = await s.task(workflow_id)
    ghost = protocol.Message(id="x/request", protocol_instance_id="ghost")
    await s.answer("ghost", task, messages=[respond(ghost)])


async def closed_updates(s):
    for label, close in [("complete", complete()), ("continue", continue_as_new())]:
        workflow_id = await s.start()
        accepted = s.begin(f"{label}, accepted", UPDATE, updating(s, workflow_id, "u1"))
        await asyncio.sleep(0.3)
        task = await s.task(workflow_id)
        admitted = s.begin(f"{label}, admitted", UPDATE, updating(s, workflow_id, "u2"))
        await asyncio.sleep(0.3)
        run = await s.current(workflow_id)
        await s.answer(label, task, [place("u1/accept"), close], messages=[accept(task.messages[0])])
        await s.end(accepted)
        await s.end(admitted)
        await s.history(workflow_id, 4, run)
    workflow_id = await s.start()
    await s.terminate(workflow_id)
    await s.call("after the end", UPDATE, updating(s, workflow_id, "u3"))


def update_with_start(s, workflow_id, update_id, **fields):
    operation = ws.ExecuteMultiOperationRequest.Operation
    return ws.ExecuteMultiOperationRequest(namespace=NAMESPACE, operations=[
        operation(start_workflow=s.starting(workflow_id, **fields)),
        operation(update_workflow=updating(s, workflow_id, update_id)),
    ])


async def updates_with_start(s):
    call = "execute_multi_operation"
    workflow_id = s.workflow_id()
    use = {"workflow_id_conflict_policy": 2}
    begun = s.begin("new", call, update_with_start(s, workflow_id, "u1", request_id="first", **use))
    await asyncio.sleep(0.3)
    task = await s.task(workflow_id)
    request = task.messages[0]
    await s.answer("complete", task, messages=[accept(request), respond(request)])
    await s.end(begun)
    begun = s.begin("existing", call, update_with_start(s, workflow_id, "u2", **use))
    task = await s.task(workflow_id)
    await s.answer("reject", task, messages=[reject(task.messages[0])])
    await s.end(begun)
    await s.call("known update", call, update_with_start(s, workflow_id, "u1", **use))
    await s.call("no policy", call, update_with_start(s, workflow_id, "u3"))
    await s.terminate(workflow_id)
    await s.call("known update after the end", call, update_with_start(s, workflow_id, "u1", workflow_id_reuse_policy=3))
    await s.call("rejected after the end", call, update_with_start(s, workflow_id, "u4", workflow_id_reuse_policy=3))
    for label, fields in [
        ("cron", {"cron_schedule": "* * * * *"}),
        ("delay", {"workflow_start_delay": seconds(4)}),
        ("eager", {"request_eager_execution": True}),
    ]:
        await s.call(label, call, update_with_start(s, s.workflow_id(), "u", **fields))
    request = update_with_start(s, s.workflow_id(), "u")
    request.operations[1].update_workflow.workflow_execution.workflow_id = "other"
    await s.call("two ids", call, request)
    del request.operations[1]
    await s.call("one operation", call, request)


async def queries(s):
    def asking(workflow_id, condition=0):
        return ws.QueryWorkflowRequest(
            namespace=NAMESPACE,
            execution=s.execution(workflow_id),
            query=query_api.WorkflowQuery(query_type="query", query_args=payloads(1)),
            query_reject_condition=condition,
        )

    call = "query_workflow"
    workflow_id = await s.start()
    begun = s.begin("with a task", call, asking(workflow_id))
    await asyncio.sleep(0.3)
    task = await s.task(workflow_id)
    s.show_task(task)
    answers = {key: query_api.WorkflowQueryResult(result_type=1, answer=payloads("a")) for key in task.queries}
    await s.answer("answer", task, [timer("t", 60)], query_results=answers)
    await s.end(begun)
    for kind, fields in [(1, {"query_result": payloads("b")}), (2, {"error_message": "no", "failure": application_failure("no")})]:
        begun = s.begin("alone", call, asking(workflow_id))
        task = await s.task(workflow_id)
        s.show_task(task)
        request = ws.RespondQueryTaskCompletedRequest(
            namespace=NAMESPACE, task_token=task.task_token, completed_type=kind, **fields
        )
        await s.call("answer", ANSWER, request)
        await s.end(begun)
    await s.call("late answer", ANSWER, request)
    await s.history(workflow_id, 4)
    await s.signal(workflow_id)
    task = await s.task(workflow_id)
    begun = s.begin("while a task is out", call, asking(workflow_id))
    await asyncio.sleep(0.3)
    await s.answer("nothing", task)
    task = await s.task(workflow_id)
    s.show_task(task)
    request = ws.RespondQueryTaskCompletedRequest(namespace=NAMESPACE, task_token=task.task_token, completed_type=1)
    await s.call("answer", ANSWER, request)
    await s.end(begun)
    await s.terminate(workflow_id)
    for condition in (2, 3):
        await s.call(f"condition {condition}", call, asking(workflow_id, condition))
    await s.call("unknown", call, asking("nowhere"))
    workflow_id = await s.start()
    await s.terminate(workflow_id)
    await s.call("never ran", call, asking(workflow_id))


SCENARIOS = [accepted_then_completed, speculative, refused_updates, closed_updates, updates_with_start, queries]
