//! The forms that a workflow function can have.

#![deny(warnings)]

use std::rc::Rc;

use durably::definition::{WorkflowDefinition, WorkflowImplementation};
use durably::failure::WorkflowResult;
use durably::workflow;
use durably::workflow::WorkflowContext;

#[workflow(name = "Greeting")]
pub async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    let _ = ctx;
    Ok(name)
}

/// The definition is in scope in its own body.
#[workflow]
async fn forever(ctx: &WorkflowContext, (left, mut right): (u32, u32)) -> WorkflowResult<()> {
    right += left;
    ctx.continue_as_new(forever, (left, right))?;
    Ok(())
}

/// Its future need not be `Send`, and it may name its result as it likes.
#[workflow]
async fn local(ctx: &durably::workflow::WorkflowContext) -> Result<u32, std::fmt::Error> {
    let shared = Rc::new(1);
    std::future::ready(ctx.now()).await;
    Ok(*shared)
}

#[workflow]
async fn exempt(ctx: &WorkflowContext) -> WorkflowResult<String> {
    let _ = ctx;
    let started = durably::allow_nondeterminism!(std::time::Instant::now());
    let text =
        durably::allow_nondeterminism!(std::env::var("HOME").as_deref().unwrap_or("")).to_owned();
    Ok(format!(
        "{text} {:?}",
        durably::allow_nondeterminism!(started.elapsed())
    ))
}

fn name_of<W: WorkflowDefinition + WorkflowImplementation>(_: W) -> &'static str {
    W::NAME
}

#[test]
fn is_usable() {
    assert_eq!(name_of(greet), "Greeting");
    assert_eq!(name_of(forever), "forever");
    assert_eq!(name_of(local), "local");
    assert_eq!(name_of(exempt), "exempt");
}
