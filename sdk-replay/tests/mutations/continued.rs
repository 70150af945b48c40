//! Memo, search attributes, and a run that continues as new.

use std::time::Duration;

use durably::payload::{Memo, SearchAttributeKey, SearchAttributes};
use durably::prelude::*;

use crate::activities::*;
use crate::check::check;
use crate::recorded::record;

const HOUR: Duration = Duration::from_secs(3600);
const STATUS: SearchAttributeKey<String> = SearchAttributeKey::keyword("OrderStatus");
const CENTS: SearchAttributeKey<i64> = SearchAttributeKey::int("OrderCents");

fn status() -> WorkflowResult<SearchAttributes> {
    Ok(SearchAttributes::new().set(&STATUS, "new".to_owned())?)
}

fn memo(text: &'static str) -> WorkflowResult<Memo> {
    Ok(Memo::new().set("carrier", &text)?)
}

/// Nothing.
#[workflow(name = "continued")]
pub(crate) async fn base(ctx: &WorkflowContext, run: u64) -> WorkflowResult<u64> {
    if run == 2 {
        return Ok(run);
    }
    ctx.upsert_search_attributes(&status()?);
    ctx.upsert_memo(&memo("van")?);
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, "7").await?;
    ctx.continue_as_new(base, run + 1)
}

/// The run ends instead.
#[workflow(name = "continued")]
pub(crate) async fn completes(ctx: &WorkflowContext, run: u64) -> WorkflowResult<u64> {
    ctx.upsert_search_attributes(&status()?);
    ctx.upsert_memo(&memo("van")?);
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, "7").await?; // <- WorkflowExecutionContinuedAsNew = changed_end
    Ok(run)
}

/// The run continues without its last call.
#[workflow(name = "continued")]
pub(crate) async fn continues_early(ctx: &WorkflowContext, run: u64) -> WorkflowResult<u64> {
    ctx.upsert_search_attributes(&status()?);
    ctx.upsert_memo(&memo("van")?);
    ctx.sleep(HOUR).await?; // <- ActivityTaskScheduled ship = ended_early
    ctx.continue_as_new(base, run + 1)
}

/// A call comes before the next run.
#[workflow(name = "continued")]
pub(crate) async fn continues_late(ctx: &WorkflowContext, run: u64) -> WorkflowResult<u64> {
    ctx.upsert_search_attributes(&status()?);
    ctx.upsert_memo(&memo("van")?);
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, "7").await?;
    ctx.activity(mail, "7").await?; // <- WorkflowExecutionContinuedAsNew = ended_later
    ctx.continue_as_new(base, run + 1)
}

/// The memo is not changed.
#[workflow(name = "continued")]
pub(crate) async fn memo_removed(ctx: &WorkflowContext, run: u64) -> WorkflowResult<u64> {
    ctx.upsert_search_attributes(&status()?);
    ctx.sleep(HOUR).await?; // <- WorkflowPropertiesModified = removed_call
    ctx.activity(ship, "7").await?;
    ctx.continue_as_new(base, run + 1)
}

/// The memo comes first.
#[workflow(name = "continued")]
pub(crate) async fn memo_first(ctx: &WorkflowContext, run: u64) -> WorkflowResult<u64> {
    ctx.upsert_memo(&memo("van")?); // <- UpsertWorkflowSearchAttributes = changed_order_of_parallel_calls
    ctx.upsert_search_attributes(&status()?);
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, "7").await?;
    ctx.continue_as_new(base, run + 1)
}

/// Another attribute is set.
#[workflow(name = "continued")]
pub(crate) async fn other_attribute(ctx: &WorkflowContext, run: u64) -> WorkflowResult<u64> {
    let cents = SearchAttributes::new().set(&CENTS, 7)?;
    ctx.upsert_search_attributes(&cents); // <- UpsertWorkflowSearchAttributes = added_call
    ctx.upsert_memo(&memo("van")?);
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, "7").await?;
    ctx.continue_as_new(base, run + 1)
}

/// One more change of the attributes.
#[workflow(name = "continued")]
pub(crate) async fn attributes_again(ctx: &WorkflowContext, run: u64) -> WorkflowResult<u64> {
    ctx.upsert_search_attributes(&status()?);
    ctx.upsert_memo(&memo("van")?);
    ctx.sleep(HOUR).await?;
    ctx.upsert_search_attributes(&status()?); // <- ActivityTaskScheduled ship = added_call
    ctx.activity(ship, "7").await?;
    ctx.continue_as_new(base, run + 1)
}

/// The input has another type.
#[workflow(name = "continued")]
// <- WorkflowExecutionStarted = changed_type (code_failed)
pub(crate) async fn input_changed(ctx: &WorkflowContext, run: String) -> WorkflowResult<String> {
    ctx.upsert_search_attributes(&status()?);
    Ok(run)
}

/// Other values.
#[workflow(name = "continued")]
pub(crate) async fn other_values(ctx: &WorkflowContext, run: u64) -> WorkflowResult<u64> {
    let sold = SearchAttributes::new().set(&STATUS, "sold".to_owned())?;
    ctx.upsert_search_attributes(&sold);
    ctx.upsert_memo(&memo("bike")?);
    ctx.sleep(2 * HOUR).await?;
    ctx.activity(ship, "8").await?;
    ctx.continue_as_new(base, run + 5)
}

/// The next run has other options.
#[workflow(name = "continued")]
pub(crate) async fn other_options(ctx: &WorkflowContext, run: u64) -> WorkflowResult<u64> {
    ctx.upsert_search_attributes(&status()?);
    ctx.upsert_memo(&memo("van")?);
    ctx.sleep(HOUR).await?;
    ctx.activity(ship, "7").await?;
    ctx.continue_as_new_with(base, run + 1, |next| next.workflow_run_timeout = Some(HOUR))
}

#[tokio::test]
async fn mutants() {
    let recorded = record!(base, 1_u64, "TimerStarted");
    let table = check! { recorded, "continued.rs",
        base completes continues_early continues_late memo_removed memo_first other_attribute
        attributes_again input_changed other_values other_options
    };
    expect_test::expect_file!["tables/continued.md"].assert_eq(&table);
}
