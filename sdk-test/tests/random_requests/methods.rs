//! The methods that the server answers, as its own table lists them.

use super::random::Random;
use super::schema::Schema;

/// A method of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Method {
    /// `/package.Service/Method`.
    pub(crate) path: String,
    pub(crate) name: String,
    /// The paths of the messages.
    pub(crate) request: String,
    pub(crate) response: String,
    /// It answers at once.
    pub(crate) at_once: bool,
}

/// What clients and workers call most.
const USUAL: [(&str, usize); 31] = [
    ("StartWorkflowExecution", 10),
    ("PollWorkflowTaskQueue", 24),
    ("RespondWorkflowTaskCompleted", 3),
    ("RespondWorkflowTaskFailed", 1),
    ("PollActivityTaskQueue", 12),
    ("PollNexusTaskQueue", 6),
    ("RespondActivityTaskCompleted", 1),
    ("RespondActivityTaskFailed", 1),
    ("RespondActivityTaskCanceled", 1),
    ("RecordActivityTaskHeartbeat", 6),
    ("RespondNexusTaskCompleted", 1),
    ("RespondNexusTaskFailed", 1),
    ("RespondQueryTaskCompleted", 1),
    ("SignalWorkflowExecution", 8),
    ("PauseActivity", 3),
    ("UnpauseActivity", 1),
    ("ResetActivity", 1),
    ("UpdateActivityOptions", 3),
    ("RequestCancelWorkflowExecution", 1),
    ("PollWorkflowExecutionUpdate", 2),
    ("ExecuteMultiOperation", 2),
    ("RespondActivityTaskCompletedById", 1),
    ("RespondActivityTaskFailedById", 1),
    ("SignalWithStartWorkflowExecution", 2),
    ("UpdateWorkflowExecution", 6),
    ("QueryWorkflow", 3),
    ("ResetWorkflowExecution", 3),
    ("CreateNexusEndpoint", 2),
    ("CreateSchedule", 2),
    ("StartBatchOperation", 1),
    ("RecordActivityTaskHeartbeatById", 4),
];

/// The methods, and how often each is called.
#[derive(Debug)]
pub(crate) struct Methods {
    all: Vec<Method>,
    /// Places in `all`, as often as they are called.
    drawn: Vec<usize>,
}

impl Methods {
    pub(crate) fn read(schema: &Schema) -> Self {
        let table = include_str!("../../src/server/rpc/table.rs");
        let (mut all, mut service) = (Vec::new(), "");
        for line in table.lines() {
            if line.starts_with("fn ") {
                service = match line {
                    _ if line.contains("workflow_service(") => {
                        "temporal.api.workflowservice.v1.WorkflowService"
                    }
                    _ if line.contains("operator_service(") => {
                        "temporal.api.operatorservice.v1.OperatorService"
                    }
                    _ if line.contains("test_service(") => {
                        "temporal.api.testservice.v1.TestService"
                    }
                    _ => "",
                };
            }
            let name = line
                .trim()
                .strip_prefix('"')
                .and_then(|rest| rest.split_once("\" => "));
            let Some((name, answer)) = name.filter(|_| !service.is_empty()) else {
                continue;
            };
            all.push(method(schema, service, name, answer.contains(".now(")));
        }
        assert!(!all.is_empty(), "the server's table has methods");
        let mut drawn = Vec::new();
        for (place, method) in all.iter().enumerate() {
            let usual = USUAL.iter().find(|(name, _)| *name == method.name);
            let count = usual.map_or(1, |(_, count)| *count);
            drawn.extend(std::iter::repeat_n(place, count));
        }
        Self { all, drawn }
    }

    /// Their names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|method| method.name.as_str())
    }

    pub(crate) fn named(&self, name: &str) -> &Method {
        let method = self.all.iter().find(|method| method.name == name);
        method.unwrap_or_else(|| panic!("there is no method {name}"))
    }

    /// What a worker may call with the task of a poll, or after a heartbeat. A task may be a query.
    pub(crate) fn answer_to(&self, random: &mut Random, poll: &str) -> Option<&Method> {
        let names: &[&str] = match poll {
            "PollWorkflowTaskQueue" => &[
                "RespondWorkflowTaskCompleted",
                "RespondWorkflowTaskCompleted",
                "RespondWorkflowTaskCompleted",
                "RespondWorkflowTaskCompleted",
                "RespondWorkflowTaskCompleted",
                "RespondWorkflowTaskCompleted",
                "RespondWorkflowTaskFailed",
            ],
            "a query" => &["RespondQueryTaskCompleted"],
            "PollActivityTaskQueue" => &[
                "RespondActivityTaskCompleted",
                "RespondActivityTaskFailed",
                "RespondActivityTaskCanceled",
                "RecordActivityTaskHeartbeat",
                "RespondActivityTaskCompletedById",
                "RespondActivityTaskFailedById",
                "RespondActivityTaskCanceledById",
                "RecordActivityTaskHeartbeatById",
                "PauseActivity",
                "UpdateActivityOptions",
            ],
            // An answer that says anything says that the activity is to be canceled.
            "RecordActivityTaskHeartbeat" => &[
                "RespondActivityTaskCanceled",
                "RespondActivityTaskCanceledById",
                "RespondActivityTaskCanceledById",
            ],
            "RecordActivityTaskHeartbeatById" => &["RespondActivityTaskCanceledById"],
            "PollNexusTaskQueue" => &["RespondNexusTaskCompleted", "RespondNexusTaskFailed"],
            _ => return None,
        };
        Some(self.named(random.pick::<&str>(names)))
    }

    /// One of those that are called most.
    pub(crate) fn draw_usual(&self, random: &mut Random) -> &Method {
        let all: usize = USUAL.iter().map(|(_, count)| count).sum();
        let mut place = random.below(all);
        let usual = USUAL.iter().find(|(_, count)| {
            let is_here = place < *count;
            place = place.saturating_sub(*count);
            is_here
        });
        self.named(usual.map_or("StartWorkflowExecution", |(name, _)| name))
    }

    pub(crate) fn draw(&self, random: &mut Random) -> &Method {
        &self.all[*random.pick(&self.drawn)]
    }
}

fn method(schema: &Schema, service: &str, name: &str, at_once: bool) -> Method {
    let (package, _) = service.rsplit_once('.').expect("services are in packages");
    let package = package.replace('.', "::");
    let (request, response) = match name {
        "SleepUntil" => ("SleepUntilRequest".to_owned(), "SleepResponse".to_owned()),
        "UnlockTimeSkippingWithSleep" => ("SleepRequest".to_owned(), "SleepResponse".to_owned()),
        _ => (format!("{name}Request"), format!("{name}Response")),
    };
    let path = |message: &str| format!("{package}::{message}");
    let (mut request, response) = (path(&request), path(&response));
    if !schema.has(&request) {
        assert_eq!(name, "GetCurrentTime", "only this takes nothing");
        "google::protobuf::Empty".clone_into(&mut request);
    }
    assert!(schema.has(&response), "{response}");
    Method {
        path: format!("/{service}/{name}"),
        name: name.to_owned(),
        request,
        response,
        at_once,
    }
}
