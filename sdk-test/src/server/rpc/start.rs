//! `StartWorkflowExecution` and `SignalWithStartWorkflowExecution`.

use durably_protos::temporal::api::common::v1::Link;
use durably_protos::temporal::api::common::v1::link::workflow_event::{
    EventReference, Reference, RequestIdReference,
};
use durably_protos::temporal::api::common::v1::link::{Variant, WorkflowEvent};
use durably_protos::temporal::api::enums::v1::{
    ContinueAsNewInitiator, EventType, TaskQueueKind, WorkflowIdConflictPolicy as Conflict,
    WorkflowIdReusePolicy as Reuse,
};
use durably_protos::temporal::api::history::v1::{
    WorkflowExecutionOptionsUpdatedEventAttributes, WorkflowExecutionStartedEventAttributes,
};
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflow::v1::OnConflictOptions;
use durably_protos::temporal::api::workflowservice::v1::{
    SignalWithStartWorkflowExecutionRequest, SignalWithStartWorkflowExecutionResponse,
    StartWorkflowExecutionRequest, StartWorkflowExecutionResponse,
};

use super::{callbacks, time_skipping};
use crate::server::cron::Cron;
use crate::server::refusal::{Answer, closing, invalid};
use crate::server::run::{NewRun, Run, Signal, normalized_retry_policy};
use crate::server::time::Span;
use crate::server::validate;
use crate::server::world::{RunIndex, Started, Tx, World};

/// A run that was asked for: the request that made it, or found it.
pub(super) struct Asked {
    pub(super) run: RunIndex,
    pub(super) started: bool,
    /// The request has been answered before.
    pub(super) again: bool,
    /// The request was attached to the run, now or before: its id names the event of that.
    pub(super) attached: Option<String>,
}

pub(super) fn start(
    world: &mut World,
    mut request: StartWorkflowExecutionRequest,
) -> Answer<StartWorkflowExecutionResponse> {
    let eager = request.request_eager_execution;
    let identity = request.identity.clone();
    let namespace = request.namespace.clone();
    check(world, &mut request)?;
    let request_id = request.request_id.clone();
    let asked = ask(world, request, eager, |_, _| ())?;
    let mut response = response(world, &asked);
    if eager && (asked.started || asked.again) {
        response.eager_workflow_task = eager_task(world, asked.run, &identity, request_id);
    }
    debug_assert!(
        world.namespaces.find(&namespace).is_some(),
        "it was checked"
    );
    Ok(response)
}

/// Starts a workflow for the server itself, as a client would. Gives the run that began.
pub(crate) fn start_workflow(
    world: &mut World,
    mut request: StartWorkflowExecutionRequest,
) -> Answer<RunIndex> {
    check(world, &mut request)?;
    let asked = ask(world, request, false, |_, _| ())?;
    Ok(asked.run)
}

pub(super) fn signal_with_start(
    world: &mut World,
    request: SignalWithStartWorkflowExecutionRequest,
) -> Answer<SignalWithStartWorkflowExecutionResponse> {
    if request.signal_name.is_empty() {
        return Err(invalid("signal not set"));
    }
    let conflict = match request.workflow_id_conflict_policy() {
        Conflict::Unspecified => Conflict::UseExisting,
        Conflict::Fail => {
            return Err(invalid(
                "Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this \
                 operation.",
            ));
        }
        given => given,
    };
    let signal = Signal {
        name: request.signal_name,
        input: request.signal_input,
        header: request.header.clone(),
        identity: request.identity.clone(),
        request_id: request.request_id.clone(),
        links: request.links.clone(),
        sender: None,
    };
    let mut start = StartWorkflowExecutionRequest {
        namespace: request.namespace,
        workflow_id: request.workflow_id,
        workflow_type: request.workflow_type,
        task_queue: request.task_queue,
        input: request.input,
        workflow_execution_timeout: request.workflow_execution_timeout,
        workflow_run_timeout: request.workflow_run_timeout,
        workflow_task_timeout: request.workflow_task_timeout,
        identity: request.identity,
        request_id: request.request_id,
        workflow_id_reuse_policy: request.workflow_id_reuse_policy,
        workflow_id_conflict_policy: conflict.into(),
        retry_policy: request.retry_policy,
        cron_schedule: request.cron_schedule,
        memo: request.memo,
        search_attributes: request.search_attributes,
        header: request.header,
        workflow_start_delay: request.workflow_start_delay,
        user_metadata: request.user_metadata,
        links: request.links,
        versioning_override: request.versioning_override,
        priority: request.priority,
        time_skipping_config: request.time_skipping_config,
        ..StartWorkflowExecutionRequest::default()
    };
    check(world, &mut start)?;
    let request_id = start.request_id.clone();
    let mut first = Some(signal);
    let asked = ask(world, start, false, |run, tx| {
        if let Some(signal) = first.take() {
            // A run that has just begun takes its first signal.
            drop(run.signal(tx, signal));
        }
    })?;
    if let Some(signal) = first
        && !asked.again
    {
        if world.run(asked.run).is_some_and(Run::is_closing) {
            return Err(closing());
        }
        let signaled = world.change(asked.run, |run, tx| {
            run.skip_first_task_delay(tx);
            run.signal(tx, signal)
        });
        signaled.unwrap_or(Ok(()))?;
    }
    let response = response(world, &asked);
    let signaled = Reference::RequestIdRef(RequestIdReference {
        request_id,
        event_type: EventType::WorkflowExecutionSignaled.into(),
    });
    Ok(SignalWithStartWorkflowExecutionResponse {
        run_id: response.run_id,
        first_execution_run_id: response.first_execution_run_id,
        started: asked.started && !asked.again,
        signal_link: world.run(asked.run).map(|run| link(run, signaled)),
    })
}

/// Checks a start in the real server's order, and fills in what it leaves open.
pub(super) fn check(world: &mut World, request: &mut StartWorkflowExecutionRequest) -> Answer<()> {
    world.namespaces.get(&request.namespace)?;
    let limits = &world.limits;
    validate::required(limits, &request.workflow_id, "WorkflowId")?;
    if let Some(policy) = &request.retry_policy {
        validate::retry_policy(policy).map_err(invalid)?;
    }
    let delay = request.workflow_start_delay.as_ref();
    validate::request_timeout(delay, "WorkflowStartDelay")?;
    let has_delay = !Span::of(delay).is_zero();
    if !request.cron_schedule.is_empty() {
        if has_delay {
            return Err(invalid(
                "CronSchedule and WorkflowStartDelay may not be used together.",
            ));
        }
        let now = world.now.jiff();
        Cron::validate(&request.cron_schedule, now)
            .map_err(|_| invalid("invalid CronSchedule."))?;
    }
    let workflow_type = request
        .workflow_type
        .as_ref()
        .map_or("", |named| &named.name);
    validate::required(limits, workflow_type, "WorkflowType")?;
    validate::task_queue(limits, request.task_queue.as_ref())?;
    let timeouts = [
        (
            &request.workflow_execution_timeout,
            "WorkflowExecutionTimeoutSeconds",
        ),
        (&request.workflow_run_timeout, "WorkflowRunTimeoutSeconds"),
        (&request.workflow_task_timeout, "WorkflowTaskTimeoutSeconds"),
    ];
    for (timeout, name) in timeouts {
        validate::request_timeout(timeout.as_ref(), name)?;
    }
    validate::length(limits, &request.request_id, "RequestId")?;
    callbacks::check(&request.completion_callbacks)?;
    let (reuse, conflict) = policies(request);
    #[allow(deprecated)]
    let terminates = reuse == Reuse::TerminateIfRunning;
    if terminates && conflict != Conflict::Unspecified {
        return Err(invalid(
            "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together \
             with a WorkflowIDConflictPolicy",
        ));
    }
    if reuse == Reuse::RejectDuplicate && conflict == Conflict::TerminateExisting {
        return Err(invalid(
            "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with \
             WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING",
        ));
    }
    time_skipping::check(request.time_skipping_config.as_mut())?;
    let given = request.search_attributes.as_ref();
    let accepted = world
        .namespaces
        .accept_start(&request.namespace, given)
        .map_err(invalid)?;
    let name = request.namespace.clone();
    world.namespaces.learn(&name, accepted.as_ref());
    request.search_attributes = accepted;
    let too_large = prost::Message::encoded_len(request) > world.limits.blob_bytes;
    if too_large {
        return Err(invalid("Blob data size exceeds limit."));
    }
    if request.request_id.is_empty() {
        request.request_id = world.ids.uuid();
    }
    Ok(())
}

fn policies(request: &StartWorkflowExecutionRequest) -> (Reuse, Conflict) {
    (
        request.workflow_id_reuse_policy(),
        request.workflow_id_conflict_policy(),
    )
}

/// Begins a run or finds the one to be used; `first` adds to the first batch of a new run.
pub(super) fn ask(
    world: &mut World,
    request: StartWorkflowExecutionRequest,
    eager: bool,
    first: impl FnOnce(&mut Run, &mut Tx<'_>),
) -> Answer<Asked> {
    let (reuse, conflict) = policies(&request);
    let decision = world.may_start(
        &request.namespace,
        &request.workflow_id,
        &request.request_id,
        reuse,
        conflict,
    )?;
    let found = |run, started, again| {
        Ok(Asked {
            run,
            started,
            again,
            attached: None,
        })
    };
    let attached = |run, again, request_id: String| {
        Ok(Asked {
            run,
            started: false,
            again,
            attached: Some(request_id),
        })
    };
    match decision {
        Started::Already(run) => found(run, true, true),
        Started::Attached(run) => attached(run, true, request.request_id),
        Started::Use(run) => {
            if let Some(options) = &request.on_conflict_options {
                attach(world, run, &request, options);
                if options.attach_request_id {
                    return attached(run, false, request.request_id);
                }
            }
            found(run, false, false)
        }
        Started::New => {
            let run_id = world.ids.uuid();
            let new = new_run(world, request, run_id, eager)?;
            let run = world.begin(new, first);
            found(run, true, false)
        }
        Started::Instead(existing) => {
            let run_id = world.ids.uuid();
            world.make_room(existing, &run_id);
            let new = new_run(world, request, run_id, eager)?;
            let run = world.begin(new, first);
            found(run, true, false)
        }
    }
}

fn new_run(
    world: &World,
    request: StartWorkflowExecutionRequest,
    run_id: String,
    eager: bool,
) -> Answer<NewRun> {
    let namespace = world.namespaces.get(&request.namespace)?.name.clone();
    let now = world.now;
    let execution_timeout = Span::of(request.workflow_execution_timeout.as_ref());
    let run_timeout = Span::of(request.workflow_run_timeout.as_ref()).clipped(execution_timeout);
    let limits = &world.limits;
    let task_timeout = match Span::of(request.workflow_task_timeout.as_ref()) {
        Span::ZERO => limits.workflow_task_timeout,
        given => given.min(limits.longest_workflow_task_timeout),
    };
    let cron = Cron::parse(&request.cron_schedule).ok();
    let backoff = match cron {
        Some(cron) => cron
            .backoff(now.jiff(), now.jiff())
            .map_or(Span::ZERO, Span::from_jiff),
        None => Span::of(request.workflow_start_delay.as_ref()),
    };
    let initiator = if request.cron_schedule.is_empty() {
        ContinueAsNewInitiator::Unspecified
    } else {
        ContinueAsNewInitiator::CronSchedule
    };
    let task_queue = request.task_queue.map(|queue| TaskQueue {
        kind: TaskQueueKind::Normal.into(),
        ..queue
    });
    let expiration = now.after(backoff).after(execution_timeout);
    let started = WorkflowExecutionStartedEventAttributes {
        workflow_type: request.workflow_type,
        task_queue,
        input: request.input,
        workflow_execution_timeout: execution_timeout.unless_zero(),
        workflow_run_timeout: run_timeout.unless_zero(),
        workflow_task_timeout: Some(task_timeout.clipped(run_timeout).duration()),
        initiator: initiator.into(),
        continued_failure: request.continued_failure,
        last_completion_result: request.last_completion_result,
        original_execution_run_id: run_id.clone(),
        identity: request.identity,
        first_execution_run_id: run_id.clone(),
        retry_policy: request.retry_policy.as_ref().map(normalized_retry_policy),
        attempt: 1,
        workflow_execution_expiration_time: (!execution_timeout.is_zero())
            .then(|| expiration.timestamp()),
        cron_schedule: request.cron_schedule,
        memo: request.memo,
        search_attributes: request
            .search_attributes
            .filter(|given| !given.indexed_fields.is_empty()),
        header: request.header,
        completion_callbacks: request.completion_callbacks,
        versioning_override: request.versioning_override,
        priority: request.priority,
        eager_execution_accepted: eager && backoff.is_zero(),
        time_skipping_config: request.time_skipping_config,
        ..WorkflowExecutionStartedEventAttributes::default()
    };
    Ok(NewRun {
        namespace,
        workflow_id: request.workflow_id.as_str().into(),
        run_id: run_id.into(),
        started,
        user_metadata: request.user_metadata,
        request_id: request.request_id,
        backoff,
        is_child: false,
    })
}

/// Makes a start known to the run it found, as `on_conflict_options` asks.
fn attach(
    world: &mut World,
    run: RunIndex,
    request: &StartWorkflowExecutionRequest,
    options: &OnConflictOptions,
) {
    if !options.attach_request_id && !options.attach_completion_callbacks && !options.attach_links {
        return;
    }
    let mut updated = WorkflowExecutionOptionsUpdatedEventAttributes::default();
    if options.attach_request_id {
        updated.attached_request_id.clone_from(&request.request_id);
    }
    if options.attach_completion_callbacks {
        updated
            .attached_completion_callbacks
            .clone_from(&request.completion_callbacks);
    }
    let links = if options.attach_links {
        request.links.clone()
    } else {
        Vec::new()
    };
    world.change(run, |run, tx| run.attach(tx, updated, links));
}

pub(super) fn response(world: &World, asked: &Asked) -> StartWorkflowExecutionResponse {
    let Some(run) = world.run(asked.run) else {
        return StartWorkflowExecutionResponse::default();
    };
    let reference = match &asked.attached {
        None => Reference::EventRef(EventReference {
            event_id: 1,
            event_type: EventType::WorkflowExecutionStarted.into(),
        }),
        Some(request_id) => Reference::RequestIdRef(RequestIdReference {
            request_id: request_id.clone(),
            event_type: EventType::WorkflowExecutionOptionsUpdated.into(),
        }),
    };
    StartWorkflowExecutionResponse {
        run_id: run.run_id.to_string(),
        first_execution_run_id: run.started().first_execution_run_id.clone(),
        started: asked.started,
        status: run.status.into(),
        eager_workflow_task: None,
        link: Some(link(run, reference)),
    }
}

/// A link to an event of a run.
pub(super) fn link(run: &Run, reference: Reference) -> Link {
    Link {
        variant: Some(Variant::WorkflowEvent(WorkflowEvent {
            namespace: run.namespace.name.clone(),
            workflow_id: run.workflow_id.to_string(),
            run_id: run.run_id.to_string(),
            reference: Some(reference),
        })),
    }
}

/// The first workflow task, for the caller who is a worker too; a repeated request gets it again.
fn eager_task(
    world: &mut World,
    index: RunIndex,
    identity: &str,
    request_id: String,
) -> Option<durably_protos::temporal::api::workflowservice::v1::PollWorkflowTaskQueueResponse> {
    world.change(index, |run, tx| {
        let task = run.workflow_task.as_ref()?;
        match &task.started {
            None => {
                run.start_workflow_task(tx, identity, request_id);
            }
            Some(started) if started.request_id == request_id => {}
            Some(_) => return None,
        }
        Some(run.hand_out(tx.limits, false))
    })?
}
