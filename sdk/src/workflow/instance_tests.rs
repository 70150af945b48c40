//! Updates that are refused because their arguments cannot be read.

use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use durably_engine::{Instance, Run, UpdateIdentity, UpdateInput, WorkflowTask};
use durably_protos::temporal::api::enums::v1::EventType;
use durably_protos::temporal::api::history::v1::history_event::Attributes as A;
use durably_protos::temporal::api::history::v1::{
    HistoryEvent, WorkflowExecutionStartedEventAttributes,
};

use super::TypedInstance;
use crate::definition::{
    UpdateExecution, UpdateHandler, WorkflowDefinition, WorkflowImplementation, WorkflowInit,
};
use crate::failure::{ApplicationFailure, Failure, WorkflowResult};
use crate::payload::{Parameters, Payload, ToPayload};
use crate::workflow::WorkflowContext;
use crate::workflow::bridge::TypedWorkflow;
use crate::workflow::set_up::SetUp;

/// Has a handler in its table that refuses zero, and one that it registers.
struct Scale;

impl WorkflowDefinition for Scale {
    type Owner = Self;
    type Parameters = ();
    type Output = ();
    const NAME: &'static str = "scale";
}

impl WorkflowInit for Scale {
    fn init(_: &WorkflowContext, (): &()) -> WorkflowResult<()> {
        Ok(())
    }
}

impl WorkflowImplementation for Scale {
    type State = ();

    async fn run(_: Rc<()>, context: WorkflowContext, (): ()) -> WorkflowResult<()> {
        context.on_update("registered", |(grams,): (u32,)| async move { Ok(grams) });
        std::future::pending().await
    }

    const UPDATES: &'static [UpdateHandler<()>] = &[
        UpdateHandler {
            name: "validated",
            description: "",
            abandon_unfinished: false,
            check: |payloads| <(u32,)>::from_payloads(payloads).map(drop),
            validate: Some(|_, _, payloads| match <(u32,)>::from_payloads(payloads) {
                Ok((0,)) => Err(ApplicationFailure::new("nothing").into()),
                Ok(_) => Ok(()),
                Err(_) => unreachable!("refused before the validator is asked"),
            }),
            call: |_, _, _| Ok(UpdateExecution::Done(Ok(None))),
        },
        UpdateHandler {
            name: "plain",
            description: "",
            abandon_unfinished: false,
            check: |payloads| <(u32,)>::from_payloads(payloads).map(drop),
            validate: None,
            call: |_, _, _| Ok(UpdateExecution::Done(Ok(None))),
        },
    ];
}

/// A run whose code waits in its first task.
fn started() -> Run {
    let mut run = Run::new(
        Rc::new(TypedWorkflow::<Scale>::new(
            Arc::new(Scale::init),
            SetUp::default(),
        )),
        "n",
        "w",
        "r",
    );
    let started = WorkflowExecutionStartedEventAttributes {
        original_execution_run_id: "r".to_owned(),
        ..Default::default()
    };
    let attributes = [
        A::WorkflowExecutionStartedEventAttributes(started.into()),
        A::WorkflowTaskScheduledEventAttributes(Box::default()),
        A::WorkflowTaskStartedEventAttributes(Box::default()),
    ];
    let kinds = [
        EventType::WorkflowExecutionStarted,
        EventType::WorkflowTaskScheduled,
        EventType::WorkflowTaskStarted,
    ];
    let events = (1..).zip(kinds.into_iter().zip(attributes));
    let events = events.map(|(event_id, (kind, attributes))| HistoryEvent {
        event_id,
        event_type: kind.into(),
        attributes: Some(attributes),
        ..Default::default()
    });
    run.begin(WorkflowTask {
        started_event_id: 3,
        ..Default::default()
    });
    run.push_events(events.collect()).unwrap();
    run.finish();
    run
}

/// The type and the message of what refuses an update.
fn refused(run: &Run, name: &str, arguments: Vec<Payload>) -> Option<(String, String)> {
    let instance = TypedInstance::<Scale> {
        state: Rc::new(()),
        workflow: PhantomData,
    };
    let identity = UpdateIdentity {
        id: "u".into(),
        name: name.to_owned(),
        identity: String::new(),
    };
    let update = UpdateInput {
        identity: Rc::new(identity),
        arguments,
        header: None,
    };
    let context = run.context().unwrap();
    let failure = instance.validate_update(&context, &update).err()?;
    let failure = Failure::from(failure);
    let application = failure.application().unwrap();
    Some((
        application.failure_type().to_owned(),
        application.message().to_owned(),
    ))
}

#[test]
fn unreadable_arguments_are_refused_with_and_without_a_validator() {
    let run = started();
    for name in ["validated", "plain", "registered"] {
        let readable = vec![7_u32.to_payload().unwrap()];
        assert_eq!(refused(&run, name, readable), None, "{name}");
        for arguments in [Vec::new(), vec!["seven".to_payload().unwrap()]] {
            let (kind, message) = refused(&run, name, arguments).unwrap();
            assert_eq!(kind, "PayloadError");
            let expected = format!("the arguments of update \"{name}\" cannot be read: ");
            assert!(message.starts_with(&expected), "{message}");
        }
    }
    let zero = vec![0_u32.to_payload().unwrap()];
    assert_eq!(refused(&run, "validated", zero).unwrap().1, "nothing");
    let unknown = refused(&run, "unknown", Vec::new()).unwrap();
    assert_eq!(unknown.0, "UnknownUpdate");
}
