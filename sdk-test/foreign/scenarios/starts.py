"""Starts: policies, validation, delays, eager tasks; signals and ends of what was started."""

import uuid

import temporalio.api.common.v1 as common
import temporalio.api.workflow.v1 as workflow_api
import temporalio.api.workflowservice.v1 as ws

from .harness import NAMESPACE, complete, continue_as_new, payload, payloads, retry, seconds

START = "start_workflow_execution"
SIGNAL_WITH_START = "signal_with_start_workflow_execution"


async def policies(s):
    for reuse in range(5):
        for conflict in range(4):
            for ending in ("open", "completed", "terminated"):
                workflow_id = await s.start()
                if ending == "completed":
                    await s.turn(workflow_id, complete())
                elif ending == "terminated":
                    request = ws.TerminateWorkflowExecutionRequest(
                        namespace=NAMESPACE, workflow_execution=s.execution(workflow_id)
                    )
                    await s.send("terminate_workflow_execution", request)
                again = s.starting(workflow_id, workflow_id_reuse_policy=reuse, workflow_id_conflict_policy=conflict)
                again.request_id = "again"
                s.runs.clear()
                answer = await s.call(f"reuse {reuse}, conflict {conflict}, {ending}", START, again, show=False)
                if answer:
                    s.say(f"  started {answer.started}, status {answer.status}")


async def conflicts(s):
    workflow_id = await s.start()
    first = await s.current(workflow_id)
    await s.call("terminate existing", START, s.starting(workflow_id, workflow_id_conflict_policy=3))
    await s.history(workflow_id, 3, first)
    workflow_id = await s.start()
    attach = workflow_api.OnConflictOptions(attach_request_id=True)
    again = s.starting(
        workflow_id, request_id="attached", workflow_id_conflict_policy=2, on_conflict_options=attach
    )
    await s.call("use existing", START, again)
    await s.call("use existing again", START, again)
    await s.history(workflow_id)
    request = s.starting(request_id="")
    await s.call("no request id", START, request)


async def validation(s):
    def bad(**fields):
        return s.starting(**fields)

    cases = {
        "long workflow id": bad(workflow_id="x" * 1001),
        "negative timeout": bad(workflow_run_timeout=seconds(-1)),
        "bad cron": bad(cron_schedule="nope"),
        "cron and delay": bad(cron_schedule="* * * * *", workflow_start_delay=seconds(5)),
        "bad coefficient": bad(retry_policy=retry(backoff_coefficient=0.5)),
        "bad attempts": bad(retry_policy=retry(maximum_attempts=-1)),
        "bad interval": bad(retry_policy=retry(initial_interval=10, maximum_interval=1)),
        "unknown search attribute": bad(
            search_attributes=common.SearchAttributes(indexed_fields={"Foo": payload("x")})
        ),
        "terminate if running and a policy": bad(workflow_id_reuse_policy=4, workflow_id_conflict_policy=1),
        "reject and terminate": bad(workflow_id_reuse_policy=3, workflow_id_conflict_policy=3),
    }
    for label, field in [("workflow id", "workflow_id"), ("namespace", "namespace")]:
        cases[f"no {label}"] = bad()
        setattr(cases[f"no {label}"], field, "")
    cases["no type"] = bad()
    cases["no type"].workflow_type.name = ""
    cases["no queue"] = bad()
    cases["no queue"].task_queue.name = ""
    cases["reserved queue"] = bad()
    cases["reserved queue"].task_queue.name = "/_sys/x"
    cases["unknown namespace"] = bad()
    cases["unknown namespace"].namespace = "nowhere"
    for label, request in cases.items():
        await s.call(label, START, request)


async def full(s):
    workflow_id = await s.start(
        workflow_execution_timeout=seconds(100),
        workflow_run_timeout=seconds(200),
        workflow_task_timeout=seconds(300),
        retry_policy=retry(maximum_attempts=3),
        memo=common.Memo(fields={"m": payload(1)}),
        header=common.Header(fields={"h": payload(2)}),
        input=payloads("input"),
        search_attributes=common.SearchAttributes(),
        request_id="start",
    )
    await s.history(workflow_id)
    s.say(s.json(await s.describe(workflow_id)))
    workflow_id = await s.start(request_id="start")
    s.say(s.json(await s.describe(workflow_id)))


async def delays(s):
    delay = seconds(60)
    workflow_id = await s.start(workflow_start_delay=delay)
    await s.signal(workflow_id)
    query = ws.QueryWorkflowRequest(namespace=NAMESPACE, execution=s.execution(workflow_id))
    query.query.query_type = "query"
    await s.call("query", "query_workflow", query, 3)
    await s.history(workflow_id)
    await s.call("signal with start", SIGNAL_WITH_START, signal_with_start(s, workflow_id))
    await s.history(workflow_id, 3)
    workflow_id = await s.start(workflow_start_delay=delay)
    await s.cancel(workflow_id)
    await s.history(workflow_id, 2)
    workflow_id = s.workflow_id()
    await s.call("begun by a signal", SIGNAL_WITH_START, signal_with_start(s, workflow_id, workflow_start_delay=delay))
    await s.history(workflow_id)
    await s.terminate(workflow_id)


async def eager(s):
    request = s.starting(request_eager_execution=True, request_id="eager")
    answer = await s.call("eager", START, request, show=False)
    s.show_task(answer.eager_workflow_task)
    await s.history(request.workflow_id, 2)
    again = await s.call("eager again", START, request, show=False)
    s.say(again.HasField("eager_workflow_task"))


def signal_with_start(s, workflow_id, **fields):
    fields.setdefault("request_id", f"request-{uuid.uuid4()}")
    fields.setdefault("signal_name", "with start")
    start = s.starting(workflow_id)
    return ws.SignalWithStartWorkflowExecutionRequest(
        namespace=NAMESPACE,
        workflow_id=workflow_id,
        workflow_type=start.workflow_type,
        task_queue=start.task_queue,
        signal_input=payloads("input"),
        identity="client",
        **fields,
    )


async def signals_with_start(s):
    workflow_id = s.workflow_id()
    request = signal_with_start(s, workflow_id, request_id="one")
    await s.call("new", SIGNAL_WITH_START, request)
    await s.call("again", SIGNAL_WITH_START, request)
    await s.call("existing", SIGNAL_WITH_START, signal_with_start(s, workflow_id, request_id="two"))
    await s.history(workflow_id)
    for policy in (1, 3):
        request = signal_with_start(s, workflow_id, workflow_id_conflict_policy=policy, request_id=f"p{policy}")
        await s.call(f"conflict policy {policy}", SIGNAL_WITH_START, request)
    await s.history(workflow_id)
    await s.terminate(workflow_id)
    request = signal_with_start(s, workflow_id, workflow_id_reuse_policy=3, request_id="three")
    await s.call("rejected", SIGNAL_WITH_START, request)
    await s.call("no name", SIGNAL_WITH_START, signal_with_start(s, s.workflow_id(), signal_name=""))


async def ends(s):
    workflow_id = await s.start(request_id="start")
    for _ in range(2):
        await s.signal(workflow_id, request_id="once", input=payloads(1))
    await s.history(workflow_id, 2)
    call = "signal_workflow_execution"
    await s.call("no name", call, s.signaling(workflow_id, ""))
    await s.call("unknown", call, s.signaling("nowhere"))
    await s.call("no workflow id", call, s.signaling("", workflow_execution=None))
    await s.call("bad run", call, s.signaling("", workflow_execution=s.execution(workflow_id, "x")))
    unknown = s.execution(workflow_id, str(uuid.uuid4()))
    await s.call("unknown run", call, s.signaling("", workflow_execution=unknown))
    for request_id in ("c1", "c1", "c2"):
        await s.cancel(workflow_id, request_id=request_id, reason="because")
    await s.cancel(workflow_id, first_execution_run_id=str(uuid.uuid4()))
    await s.cancel("nowhere")
    await s.history(workflow_id, 4)
    await s.task(workflow_id)
    await s.signal(workflow_id, "buffered")
    await s.terminate(workflow_id, first_execution_run_id=str(uuid.uuid4()))
    await s.terminate(workflow_id, reason="reason", details=payloads("details"), identity="client")
    await s.history(workflow_id, 5)
    await s.terminate(workflow_id)
    await s.signal(workflow_id)
    await s.cancel(workflow_id)
    workflow_id = await s.start()
    first = await s.current(workflow_id)
    await s.turn(workflow_id, continue_as_new())
    old = s.signaling("", workflow_execution=s.execution(workflow_id, first))
    await s.call("the first run", call, old)
    await s.terminate(workflow_id, first_execution_run_id=first)
    await s.history(workflow_id, 2)


SCENARIOS = [policies, conflicts, validation, full, delays, eager, signals_with_start, ends]
