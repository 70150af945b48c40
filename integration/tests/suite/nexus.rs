//! Calls of Nexus operations. The handlers here speak the protocol by hand: Durably has the calling
//! side.

use std::sync::Arc;
use std::time::Duration;

use durably::interceptor::{
    InterceptedStart, ScheduleNexusOperation, WorkflowInterceptor, WorkflowNext,
};
use durably::payload::{FromPayload, HeaderKey, ToPayload};
use durably::prelude::*;
use durably::workflow::NexusCancellationType;
use durably_integration::{Test, eventually};
use durably_protos::temporal::api::common::v1::{
    Callback, Payload, Payloads, WorkflowType, callback,
};
use durably_protos::temporal::api::enums::v1::{EventType, NexusHandlerErrorRetryBehavior};
use durably_protos::temporal::api::history::v1::history_event::Attributes;
use durably_protos::temporal::api::nexus::v1::{
    CancelOperationResponse, EndpointSpec, EndpointTarget, Failure as NexusFailure, HandlerError,
    Request, Response, StartOperationRequest, StartOperationResponse, UnsuccessfulOperationError,
    endpoint_target, request, response, start_operation_response as started,
};
use durably_protos::temporal::api::operatorservice::v1::CreateNexusEndpointRequest;
use durably_protos::temporal::api::taskqueue::v1::TaskQueue;
use durably_protos::temporal::api::workflowservice::v1::{
    PollNexusTaskQueueRequest, RespondNexusTaskCompletedRequest, RespondNexusTaskFailedRequest,
    StartWorkflowExecutionRequest,
};
use tokio::task::JoinHandle;

const SECOND: Duration = Duration::from_secs(1);

/// An endpoint and the worker behind it.
struct Handler {
    endpoint: String,
    client: Client,
    /// Where Nexus tasks are polled, and where the workflows behind operations run.
    task_queue: String,
}

/// What becomes of a Nexus task.
enum Answer {
    Response(response::Variant),
    Error(HandlerError),
    /// None at all.
    Silence,
}

impl Handler {
    async fn start(test: &Test) -> (Arc<Self>, JoinHandle<()>) {
        let handler = Arc::new(Self {
            endpoint: format!("durably-{}", uuid::Uuid::new_v4()),
            client: test.client().clone(),
            task_queue: test.task_queue().to_owned(),
        });
        let target = endpoint_target::Worker {
            namespace: test.client().namespace().to_owned(),
            task_queue: test.task_queue().to_owned(),
        };
        let spec = EndpointSpec {
            name: handler.endpoint.clone(),
            description: None,
            target: Some(EndpointTarget {
                variant: Some(endpoint_target::Variant::Worker(target)),
            }),
        };
        let create = CreateNexusEndpointRequest { spec: Some(spec) };
        test.client().call(create).await.unwrap();
        let polling = tokio::spawn(handler.clone().poll());
        (handler, polling)
    }

    async fn poll(self: Arc<Self>) {
        loop {
            let poll = PollNexusTaskQueueRequest {
                namespace: self.client.namespace().to_owned(),
                task_queue: Some(TaskQueue {
                    name: self.task_queue.clone(),
                    ..TaskQueue::default()
                }),
                identity: "a handler by hand".to_owned(),
                ..PollNexusTaskQueueRequest::default()
            };
            let Ok(task) = self.client.call(poll).await else {
                continue;
            };
            if let Some(request) = task.request {
                self.answer(task.task_token, request).await;
            }
        }
    }

    async fn answer(&self, task_token: bytes::Bytes, request: Request) {
        let header = request.header.clone();
        let answer = match request.variant {
            Some(request::Variant::StartOperation(start)) => self.begin(start, &header).await,
            Some(request::Variant::CancelOperation(cancel)) => {
                let workflow = self.client.untyped_workflow_handle(cancel.operation_token);
                workflow.cancel("the caller wants it").await.unwrap();
                Answer::Response(response::Variant::CancelOperation(
                    CancelOperationResponse {},
                ))
            }
            None => Answer::Silence,
        };
        let namespace = self.client.namespace().to_owned();
        match answer {
            Answer::Response(variant) => {
                let response = Some(Response {
                    variant: Some(variant),
                });
                let request = RespondNexusTaskCompletedRequest {
                    namespace,
                    task_token,
                    response,
                    ..Default::default()
                };
                self.client.call(request).await.unwrap();
            }
            #[expect(deprecated, reason = "understood by every server")]
            Answer::Error(error) => {
                let request = RespondNexusTaskFailedRequest {
                    namespace,
                    task_token,
                    error: Some(error),
                    ..Default::default()
                };
                self.client.call(request).await.unwrap();
            }
            Answer::Silence => {}
        }
    }

    async fn begin(
        &self,
        start: StartOperationRequest,
        header: &std::collections::BTreeMap<String, String>,
    ) -> Answer {
        assert_eq!(start.service, "calculator");
        let sync = |payload: Option<Payload>| {
            started::Variant::SyncSuccess(started::Sync {
                payload,
                links: vec![],
            })
        };
        let variant = match &*start.operation {
            "double" => {
                let number = u64::from_payload(start.payload.as_ref().unwrap()).unwrap();
                sync(Some((number * 2).to_payload().unwrap()))
            }
            "nothing" => sync(None),
            name @ ("x-order" | "tenant") => {
                let value = header.get(name).cloned();
                sync(Some(value.to_payload().unwrap()))
            }
            #[expect(deprecated, reason = "understood by every server")]
            "refuse" => started::Variant::OperationError(UnsuccessfulOperationError {
                operation_state: "failed".to_owned(),
                failure: Some(NexusFailure {
                    message: "not today".to_owned(),
                    ..Default::default()
                }),
            }),
            "break" => {
                return Answer::Error(HandlerError {
                    error_type: "BAD_REQUEST".to_owned(),
                    failure: Some(NexusFailure {
                        message: "cannot read it".to_owned(),
                        ..Default::default()
                    }),
                    retry_behavior: NexusHandlerErrorRetryBehavior::NonRetryable.into(),
                });
            }
            "work" => self.work(start).await,
            _ => return Answer::Silence,
        };
        let start = StartOperationResponse {
            variant: Some(variant),
        };
        Answer::Response(response::Variant::StartOperation(start))
    }

    /// Starts a workflow whose end is the operation's.
    async fn work(&self, start: StartOperationRequest) -> started::Variant {
        let workflow_id = format!("work-{}", start.request_id);
        let mut header = start.callback_header;
        header.insert("nexus-operation-token".to_owned(), workflow_id.clone());
        let nexus = callback::Nexus {
            url: start.callback,
            header,
        };
        let request = StartWorkflowExecutionRequest {
            namespace: self.client.namespace().to_owned(),
            workflow_id: workflow_id.clone(),
            workflow_type: Some(WorkflowType {
                name: "works".to_owned(),
            }),
            task_queue: Some(TaskQueue {
                name: self.task_queue.clone(),
                ..Default::default()
            }),
            input: Some(Payloads {
                payloads: start.payload.into_iter().collect(),
            }),
            request_id: start.request_id,
            completion_callbacks: vec![Callback {
                variant: Some(callback::Variant::Nexus(nexus)),
                ..Default::default()
            }],
            ..Default::default()
        };
        self.client.call(request).await.unwrap();
        started::Variant::AsyncSuccess(started::Async {
            operation_token: workflow_id,
            ..Default::default()
        })
    }
}

/// The workflow behind the operation `work`.
#[workflow]
async fn works(ctx: &WorkflowContext, how: String) -> WorkflowResult<String> {
    match how.as_str() {
        "long" => ctx.sleep(Duration::from_secs(3600)).await?,
        "badly" => return Err(ApplicationFailure::new("broken").with_type("Broken").into()),
        _ => ctx.sleep(Duration::from_millis(50)).await?,
    }
    Ok(format!("done {how}"))
}

fn told(failure: &Failure) -> String {
    let Failure::NexusOperation(operation) = failure else {
        return format!("not an operation's failure: {failure:?}");
    };
    let kinds: Vec<_> = failure
        .chain()
        .skip(1)
        .map(|cause| match cause {
            Failure::Application(cause) => format!("application {}", cause.message()),
            Failure::Canceled(_) => "canceled".to_owned(),
            Failure::Timeout(cause) => format!("{:?}", cause.timeout_type()),
            Failure::NexusHandler(cause) => format!("handler {}", cause.error_type()),
            other => format!("{other:?}"),
        })
        .collect();
    format!(
        "{} {}: {}",
        operation.service(),
        operation.operation(),
        kinds.join(", ")
    )
}

#[workflow]
async fn calls(ctx: &WorkflowContext, endpoint: String) -> WorkflowResult<Vec<String>> {
    let doubled: u64 = ctx
        .nexus_operation(&endpoint, "calculator", "double", &21_u64)
        .summary("twice as much")
        .schedule_to_close_timeout(20 * SECOND)
        .await?;
    let () = ctx
        .nexus_operation(&endpoint, "calculator", "nothing", &())
        .await?;
    let header: Option<String> = ctx
        .nexus_operation(&endpoint, "calculator", "x-order", &())
        .header("X-Order", "17")
        .await?;
    // One that the workflow was started with.
    let tenant: Option<String> = ctx
        .nexus_operation(&endpoint, "calculator", "tenant", &())
        .await?;
    let started = ctx
        .nexus_operation::<u64>(&endpoint, "calculator", "double", &4_u64)
        .start()
        .await?;
    let token = format!("{:?}", started.token());
    let started = started.result().await?;
    Ok(vec![
        doubled.to_string(),
        format!("{header:?} {tenant:?}"),
        token,
        started.to_string(),
    ])
}

#[tokio::test]
async fn synchronous_operations() {
    let test = Test::begin().await;
    let (handler, _polling) = Handler::start(&test).await;
    let _worker = test.worker(|worker| worker.workflow(calls));
    let start = test.starting(calls, &handler.endpoint);
    let start = start.header(&HeaderKey::<String>::new("Tenant"), "acme");
    let handle = start.await.unwrap();
    let seen = test.result_of_troubled(&handle).await.unwrap();
    assert_eq!(seen, ["42", "Some(\"17\") Some(\"acme\")", "None", "8"]);
    let events = test.events(&handle).await;
    let results = events.iter().filter_map(|event| match &event.attributes {
        Some(Attributes::NexusOperationCompletedEventAttributes(completed)) => {
            Some(completed.result.is_some())
        }
        _ => None,
    });
    // Also that which has none: servers write a null.
    assert_eq!(results.collect::<Vec<_>>(), [true; 5]);
    let scheduled = events
        .iter()
        .find(|event| event.event_type() == EventType::NexusOperationScheduled);
    let summary = scheduled
        .unwrap()
        .user_metadata
        .clone()
        .unwrap()
        .summary
        .unwrap();
    assert_eq!(String::from_payload(&summary).unwrap(), "twice as much");
}

/// Adds one to what goes out, sets the order, and names the token.
struct AddOne;

impl WorkflowInterceptor for AddOne {
    fn schedule_nexus_operation(
        &self,
        _: &WorkflowContext,
        mut call: ScheduleNexusOperation,
        next: WorkflowNext<ScheduleNexusOperation>,
    ) -> InterceptedStart<Option<String>> {
        assert_eq!(call.service, "calculator");
        if let Ok(number) = u64::from_payload(&call.input) {
            call.input = (number + 1).to_payload().unwrap();
        }
        call.headers.insert("x-order".to_owned(), "18".to_owned());
        let mut operation = next.run(call);
        operation.started = operation
            .started
            .then(|token| token.map(|token| token.or(Some("no token".to_owned()))));
        operation.result = operation.result.then(|result| {
            let result = result?;
            let number = result.as_ref().map(u64::from_payload);
            Ok(match number {
                Some(Ok(number)) => (number + 1000).to_payload().ok(),
                _ => result,
            })
        });
        operation
    }
}

#[tokio::test]
async fn interceptors_see_operations() {
    let test = Test::begin().await;
    let (handler, _polling) = Handler::start(&test).await;
    let _worker = test.worker(|worker| worker.workflow(calls).workflow_interceptor(|_| AddOne));
    let handle = test.start(calls, &handler.endpoint).await;
    let seen = test.result_of_troubled(&handle).await.unwrap();
    assert_eq!(
        seen,
        ["1044", "Some(\"18\") None", "Some(\"no token\")", "1010"]
    );
}

#[workflow]
async fn awaits_work(
    ctx: &WorkflowContext,
    endpoint: String,
    how: String,
) -> WorkflowResult<Vec<String>> {
    let call = ctx.nexus_operation::<String>(&endpoint, "calculator", "work", &how);
    let started = call.start().await?;
    let token = started.token().unwrap_or_default().to_owned();
    let ended = match started.result().await {
        Ok(text) => text,
        Err(failure) => told(&failure),
    };
    Ok(vec![token, ended])
}

#[tokio::test]
async fn asynchronous_operations() {
    let test = Test::begin().await;
    let (handler, _polling) = Handler::start(&test).await;
    let _worker = test.worker(|worker| worker.workflow(awaits_work).workflow(works));
    for (how, expected) in [
        ("well", "done well"),
        ("badly", "calculator work: application broken"),
    ] {
        let handle = test
            .start(awaits_work, (handler.endpoint.clone(), how.to_owned()))
            .await;
        let seen = test.result_of_troubled(&handle).await.unwrap();
        assert!(seen[0].starts_with("work-"), "{seen:?}");
        assert!(seen[1].starts_with(expected), "{seen:?}");
        assert!(
            test.events(&handle)
                .await
                .has(EventType::NexusOperationStarted)
        );
    }
}

#[workflow]
async fn fails(ctx: &WorkflowContext, endpoint: String) -> WorkflowResult<Vec<String>> {
    let mut seen = Vec::new();
    for operation in ["refuse", "break", "ignore"] {
        let call = ctx.nexus_operation::<()>(&endpoint, "calculator", operation, &());
        let ended = call.schedule_to_close_timeout(5 * SECOND).await;
        seen.extend(ended.err().as_ref().map(told));
    }
    Ok(seen)
}

#[tokio::test]
async fn failures_and_timeouts() {
    let test = Test::begin().await;
    let (handler, _polling) = Handler::start(&test).await;
    let _worker = test.worker(|worker| worker.workflow(fails));
    let handle = test.start(fails, &handler.endpoint).await;
    let seen = test.result_of_troubled(&handle).await.unwrap();
    assert!(
        seen[0].starts_with("calculator refuse: application not today"),
        "{seen:?}"
    );
    assert!(
        seen[1].starts_with("calculator break: handler BAD_REQUEST"),
        "{seen:?}"
    );
    assert_eq!(seen[2], "calculator ignore: ScheduleToClose");
    assert!(
        test.events(&handle)
            .await
            .has(EventType::NexusOperationTimedOut)
    );
}

#[workflow]
async fn cancels(ctx: &WorkflowContext, endpoint: String, how: String) -> WorkflowResult<String> {
    use NexusCancellationType as Type;
    let cancellation = match how.as_str() {
        "abandon" => Type::Abandon,
        "try" => Type::TryCancel,
        "requested" => Type::WaitCancellationRequested,
        _ => Type::WaitCancellationCompleted,
    };
    let call = ctx.nexus_operation::<String>(&endpoint, "calculator", "work", &"long");
    let started = call.cancellation_type(cancellation).start().await?;
    started.cancel();
    let ended = started.result().await;
    // Servers drop requests of a workflow that has ended.
    ctx.sleep(Duration::from_millis(200)).await?;
    Ok(ended.err().as_ref().map(told).unwrap_or_default())
}

#[tokio::test]
async fn cancellation_types() {
    let test = Test::begin().await;
    let (handler, _polling) = Handler::start(&test).await;
    let _worker = test.worker(|worker| worker.workflow(cancels).workflow(works));
    for how in ["abandon", "try", "requested", "completed"] {
        let handle = test
            .start(cancels, (handler.endpoint.clone(), how.to_owned()))
            .await;
        let seen = test.result_of_troubled(&handle).await.unwrap();
        assert_eq!(seen, "calculator work: canceled", "{how}");
        let events = test.events(&handle).await;
        let asked = events.has(EventType::NexusOperationCancelRequested);
        assert_eq!(asked, how != "abandon", "{how}: {events:?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_does_not_exist() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(calls));
    let handle = test.start(calls, "durably-no-such-endpoint").await;
    let events = test
        .until_event(&handle, EventType::WorkflowTaskFailed)
        .await;
    let message = events.task_failure().unwrap().message.clone();
    assert!(message.contains("durably-no-such-endpoint"), "{message}");
    handle.terminate("seen").await.unwrap();
    eventually("the end", async || {
        match handle.describe().await.unwrap().close_time() {
            Some(_) => Ok(()),
            None => Err("still open"),
        }
    })
    .await;
}
