//! One run: what clients and workers do to it, and what can be read of it.

use durably_protos::temporal::api::command::v1::Command;
use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::enums::v1::{EventType, TaskQueueKind, WorkflowTaskFailedCause};
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::history::v1::HistoryEvent;
use durably_protos::temporal::api::taskqueue::v1::{StickyExecutionAttributes, TaskQueue};
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest, PollActivityTaskQueueRequest,
    PollActivityTaskQueueResponse, PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
    RespondWorkflowTaskCompletedRequest, RespondWorkflowTaskCompletedResponse,
    RespondWorkflowTaskFailedRequest, SignalWorkflowExecutionRequest,
    TerminateWorkflowExecutionRequest,
};
use tonic::Status;

use crate::bench::{Bench, NAMESPACE, call, queue};
use crate::commands::seconds;

#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) bench: Bench,
    pub(crate) workflow_id: String,
    pub(crate) run_id: String,
}

impl Run {
    pub(crate) fn new(bench: &Bench, workflow_id: &str, run_id: &str) -> Self {
        Self {
            bench: bench.clone(),
            workflow_id: workflow_id.to_owned(),
            run_id: run_id.to_owned(),
        }
    }

    /// The newest run of the workflow.
    pub(crate) async fn current(&self) -> Self {
        let newest = Self::new(&self.bench, &self.workflow_id, "");
        let info = newest.describe().await.workflow_execution_info.unwrap();
        let run_id = info.execution.unwrap().run_id;
        Self::new(&self.bench, &self.workflow_id, &run_id)
    }

    /// The run, as requests name it.
    pub(crate) fn execution(&self) -> Option<WorkflowExecution> {
        Some(WorkflowExecution {
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
        })
    }

    pub(crate) async fn signal(&self, name: &str) {
        let request = SignalWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_execution: self.execution(),
            signal_name: name.to_owned(),
            ..SignalWorkflowExecutionRequest::default()
        };
        call!(self.bench, signal_workflow_execution, request).unwrap();
    }

    pub(crate) async fn terminate(&self) {
        let request = TerminateWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_execution: self.execution(),
            ..TerminateWorkflowExecutionRequest::default()
        };
        call!(self.bench, terminate_workflow_execution, request).unwrap();
    }

    async fn poll(&self, task_queue: TaskQueue) -> PollWorkflowTaskQueueResponse {
        let request = PollWorkflowTaskQueueRequest {
            namespace: NAMESPACE.to_owned(),
            task_queue: Some(task_queue),
            identity: "worker".to_owned(),
            ..PollWorkflowTaskQueueRequest::default()
        };
        let task = call!(self.bench, poll_workflow_task_queue, request, within 15).unwrap();
        assert!(!task.task_token.is_empty(), "no workflow task comes");
        task
    }

    /// The next workflow task of the run's queue.
    pub(crate) async fn task(&self) -> PollWorkflowTaskQueueResponse {
        self.poll(queue(&self.workflow_id)).await
    }

    /// The next workflow task of the queue of one worker.
    pub(crate) async fn sticky_task(&self) -> PollWorkflowTaskQueueResponse {
        self.poll(self.sticky_queue()).await
    }

    pub(crate) fn sticky_queue(&self) -> TaskQueue {
        TaskQueue {
            name: format!("{}-sticky", self.workflow_id),
            kind: TaskQueueKind::Sticky.into(),
            normal_name: self.workflow_id.clone(),
        }
    }

    /// Has the following tasks given to one worker, which has a time to take them.
    pub(crate) fn sticky(&self, seconds_to_start: i64) -> Option<StickyExecutionAttributes> {
        Some(StickyExecutionAttributes {
            worker_task_queue: Some(self.sticky_queue()),
            schedule_to_start_timeout: seconds(seconds_to_start),
        })
    }

    /// An answer to a workflow task.
    pub(crate) fn answer(
        &self,
        task: &PollWorkflowTaskQueueResponse,
        commands: Vec<Command>,
    ) -> RespondWorkflowTaskCompletedRequest {
        RespondWorkflowTaskCompletedRequest {
            namespace: NAMESPACE.to_owned(),
            task_token: task.task_token.clone(),
            commands,
            identity: "worker".to_owned(),
            ..RespondWorkflowTaskCompletedRequest::default()
        }
    }

    /// Answers a workflow task.
    pub(crate) async fn respond(
        &self,
        task: &PollWorkflowTaskQueueResponse,
        commands: Vec<Command>,
    ) -> Result<RespondWorkflowTaskCompletedResponse, Status> {
        self.respond_as(self.answer(task, commands)).await
    }

    pub(crate) async fn respond_as(
        &self,
        answer: RespondWorkflowTaskCompletedRequest,
    ) -> Result<RespondWorkflowTaskCompletedResponse, Status> {
        call!(self.bench, respond_workflow_task_completed, answer)
    }

    /// Takes the next workflow task and answers it.
    pub(crate) async fn turn(&self, commands: Vec<Command>) {
        let task = self.task().await;
        self.respond(&task, commands).await.unwrap();
    }

    pub(crate) async fn fail_task(
        &self,
        task: &PollWorkflowTaskQueueResponse,
    ) -> Result<(), Status> {
        let request = RespondWorkflowTaskFailedRequest {
            namespace: NAMESPACE.to_owned(),
            task_token: task.task_token.clone(),
            cause: WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure.into(),
            failure: Some(Failure {
                message: "boom".to_owned(),
                ..Failure::default()
            }),
            identity: "worker".to_owned(),
            ..RespondWorkflowTaskFailedRequest::default()
        };
        call!(self.bench, respond_workflow_task_failed, request).map(drop)
    }

    /// The next activity task of the run's queue.
    pub(crate) async fn activity_task(&self) -> PollActivityTaskQueueResponse {
        let request = PollActivityTaskQueueRequest {
            namespace: NAMESPACE.to_owned(),
            task_queue: Some(queue(&self.workflow_id)),
            identity: "activity worker".to_owned(),
            ..PollActivityTaskQueueRequest::default()
        };
        let task = call!(self.bench, poll_activity_task_queue, request, within 15).unwrap();
        assert!(!task.task_token.is_empty(), "no activity task comes");
        task
    }

    pub(crate) async fn describe(&self) -> DescribeWorkflowExecutionResponse {
        self.try_describe().await.unwrap()
    }

    pub(crate) async fn try_describe(&self) -> Result<DescribeWorkflowExecutionResponse, Status> {
        let request = DescribeWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            execution: self.execution(),
        };
        call!(self.bench, describe_workflow_execution, request)
    }

    /// A request for the history.
    pub(crate) fn reading(&self) -> GetWorkflowExecutionHistoryRequest {
        GetWorkflowExecutionHistoryRequest {
            namespace: NAMESPACE.to_owned(),
            execution: self.execution(),
            ..GetWorkflowExecutionHistoryRequest::default()
        }
    }

    pub(crate) async fn events(&self) -> Vec<HistoryEvent> {
        let page = call!(self.bench, get_workflow_execution_history, self.reading());
        page.unwrap().history.unwrap().events
    }

    pub(crate) async fn event(&self, id: i64) -> HistoryEvent {
        let events = self.events().await;
        let event = events.iter().find(|event| event.event_id == id);
        event.unwrap_or_else(|| panic!("event {id}")).clone()
    }

    pub(crate) async fn last(&self) -> HistoryEvent {
        self.events().await.pop().unwrap()
    }

    /// The types of the events from an id on.
    pub(crate) async fn types(&self, from: i64) -> Vec<EventType> {
        let events = self.events().await;
        let events = events.iter().filter(|event| event.event_id >= from);
        events.map(HistoryEvent::event_type).collect()
    }

    /// The types of the events from an id on, once the last of them is of a type.
    pub(crate) async fn types_to(&self, from: i64, last: EventType) -> Vec<EventType> {
        let what = format!("{last:?} as the last event of {}", self.workflow_id);
        self.bench
            .until(&what, async || {
                let types = self.types(from).await;
                (types.last() == Some(&last)).then_some(types)
            })
            .await
    }
}
