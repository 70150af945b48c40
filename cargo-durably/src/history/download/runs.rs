//! The runs whose histories are wanted: those that a query finds, or one.

use std::collections::{BTreeSet, VecDeque};

use durably::client::{Client, RpcError};
use durably_protos::temporal::api::common::v1::WorkflowExecution;
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, ListWorkflowExecutionsRequest,
};

/// The most runs of a page, as servers allow by default.
const PAGE: usize = 1_000;

/// A run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    pub(super) workflow_id: String,
    pub(super) run_id: String,
}

/// Runs that are listed as they are asked for.
#[derive(Debug)]
pub(super) struct Runs {
    client: Client,
    request: ListWorkflowExecutionsRequest,
    listed: VecDeque<Run>,
    /// Workflows that start and end meanwhile may move runs from page to page.
    seen: BTreeSet<Run>,
    is_listed: bool,
    limit: usize,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Run(Run),
    /// There are more, but no more are wanted.
    Limit,
    End,
}

impl Runs {
    /// Those that a visibility query finds.
    pub(super) fn of_query(client: &Client, query: &str, limit: usize) -> Self {
        // One more than are wanted tells whether there are more.
        let page_size = limit.saturating_add(1).min(PAGE);
        Self {
            client: client.clone(),
            request: ListWorkflowExecutionsRequest {
                namespace: client.namespace().to_owned(),
                query: query.to_owned(),
                page_size: i32::try_from(page_size).unwrap_or(i32::MAX),
                ..ListWorkflowExecutionsRequest::default()
            },
            listed: VecDeque::new(),
            seen: BTreeSet::new(),
            is_listed: false,
            limit,
        }
    }

    /// A run of a workflow: the current one, if its id is not given.
    pub(super) async fn of_workflow(
        client: &Client,
        workflow_id: &str,
        run_id: Option<&str>,
    ) -> Result<Self, RpcError> {
        let run_id = match run_id {
            Some(run_id) => run_id.to_owned(),
            None => current_run(client, workflow_id).await?,
        };
        let mut runs = Self::of_query(client, "", 1);
        runs.is_listed = true;
        runs.listed.push_back(Run {
            workflow_id: workflow_id.to_owned(),
            run_id,
        });
        Ok(runs)
    }

    pub(super) async fn next(&mut self) -> Result<Next, RpcError> {
        loop {
            while let Some(run) = self.listed.pop_front() {
                if self.seen.contains(&run) {
                    continue;
                }
                if self.seen.len() >= self.limit {
                    return Ok(Next::Limit);
                }
                self.seen.insert(run.clone());
                return Ok(Next::Run(run));
            }
            if self.is_listed {
                return Ok(Next::End);
            }
            let page = self.client.call(self.request.clone()).await?;
            self.is_listed = page.next_page_token.is_empty();
            self.request.next_page_token = page.next_page_token;
            let executions = page.executions.into_iter();
            self.listed = executions
                .filter_map(|it| it.execution)
                .map(Run::from)
                .collect();
        }
    }
}

impl From<WorkflowExecution> for Run {
    fn from(execution: WorkflowExecution) -> Self {
        Self {
            workflow_id: execution.workflow_id,
            run_id: execution.run_id,
        }
    }
}

async fn current_run(client: &Client, workflow_id: &str) -> Result<String, RpcError> {
    let request = DescribeWorkflowExecutionRequest {
        namespace: client.namespace().to_owned(),
        execution: Some(WorkflowExecution {
            workflow_id: workflow_id.to_owned(),
            run_id: String::new(),
        }),
    };
    let described = client.call(request).await?;
    let info = described.workflow_execution_info.unwrap_or_default();
    Ok(info.execution.unwrap_or_default().run_id)
}
