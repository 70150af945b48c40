//! What happens when a workflow's id is taken, by one that runs or by one that is closed.

use durably::client::{StartError, WorkflowHandle};
use durably::definition::WorkflowDefinition;
use durably::options::{WorkflowIdConflictPolicy, WorkflowIdReusePolicy};
use durably::prelude::*;
use durably_integration::Test;

/// Ends as it is told.
#[derive(Default)]
struct Ending {
    how: State<Option<bool>>,
}

#[workflow]
impl Ending {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        ctx.wait_until(|| self.how.with(Option::is_some)).await?;
        match self.how.get() {
            Some(true) => Ok(()),
            _ => Err("told to fail".into()),
        }
    }

    #[signal]
    fn end(&self, well: bool) {
        self.how.set(Some(well));
    }
}

async fn end<W>(test: &Test, handle: &WorkflowHandle<W>, well: bool)
where
    W: WorkflowDefinition<Owner = Ending, Output = ()>,
{
    handle.signal(Ending::end, well).await.unwrap();
    assert_eq!(test.result(handle).await.is_ok(), well);
}

fn run_in_the_way(error: StartError, id: &str) -> String {
    match error {
        StartError::AlreadyStarted {
            workflow_id,
            run_id,
        } if workflow_id == id => run_id,
        other => panic!("{id} has already been started, not {other:?}"),
    }
}

#[tokio::test]
async fn of_a_workflow_that_runs() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Ending::run));
    let id = test.workflow_id("taken");
    let start = || test.starting(Ending::run, ()).workflow_id(&id);
    let first = start().await.unwrap();

    let error = start().await.unwrap_err();
    assert_eq!(run_in_the_way(error, &id), first.run_id().unwrap());

    let same = start()
        .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
        .await
        .unwrap();
    assert_eq!(same.run_id(), first.run_id());

    let other = start()
        .id_conflict_policy(WorkflowIdConflictPolicy::TerminateExisting)
        .await
        .unwrap();
    assert_ne!(other.run_id(), first.run_id());
    let error = test.result(&first).await.unwrap_err();
    assert!(
        matches!(error, durably::client::ResultError::Terminated { .. }),
        "{error:?}"
    );
    end(&test, &other, true).await;
}

#[tokio::test]
async fn of_a_workflow_that_is_closed() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Ending::run));
    let id = test.workflow_id("taken");
    let start = |policy| {
        test.starting(Ending::run, ())
            .workflow_id(&id)
            .id_reuse_policy(policy)
    };

    let failed = start(WorkflowIdReusePolicy::RejectDuplicate).await.unwrap();
    end(&test, &failed, false).await;
    let error = start(WorkflowIdReusePolicy::RejectDuplicate)
        .await
        .unwrap_err();
    assert_eq!(run_in_the_way(error, &id), failed.run_id().unwrap());

    let completed = start(WorkflowIdReusePolicy::AllowDuplicateFailedOnly)
        .await
        .unwrap();
    end(&test, &completed, true).await;
    let error = start(WorkflowIdReusePolicy::AllowDuplicateFailedOnly)
        .await
        .unwrap_err();
    assert_eq!(run_in_the_way(error, &id), completed.run_id().unwrap());

    let again = start(WorkflowIdReusePolicy::AllowDuplicate).await.unwrap();
    end(&test, &again, true).await;
}

#[tokio::test]
async fn a_handle_from_a_start_means_what_it_started() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Ending::run));
    let id = test.workflow_id("mine");
    let start = || test.starting(Ending::run, ()).workflow_id(&id);
    let first = start().await.unwrap();
    end(&test, &first, true).await;
    let second = start().await.unwrap();
    // The first is closed; the second has its id and must not suffer for it.
    assert!(first.cancel("the first").await.is_err());
    assert!(first.terminate("the first").await.is_err());
    end(&test, &second, true).await;
}
