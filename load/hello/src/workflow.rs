//! The workflow.

use durably::prelude::*;

use crate::activity::compose_greeting;

#[workflow]
pub async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
    Ok(ctx.activity(compose_greeting, &name).await?)
}
