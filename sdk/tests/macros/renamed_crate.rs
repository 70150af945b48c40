//! `durably` found under another path.

#![deny(warnings)]

mod vendored {
    pub mod sdk {
        pub use durably::*;
    }
}

use vendored::sdk::failure::{ActivityResult, WorkflowResult};
use vendored::sdk::workflow::WorkflowContext;

#[vendored::sdk::activity(crate = vendored::sdk, heartbeat_timeout = "5s")]
async fn charge(order: u32) -> ActivityResult<u32> {
    Ok(order)
}

struct Inventory;

#[vendored::sdk::activities(crate = crate::renamed_crate::vendored::sdk)]
impl Inventory {
    #[vendored::sdk::activity(name = "Reserve")]
    async fn reserve(&self, order: u32) -> ActivityResult<u32> {
        Ok(order)
    }
}

#[vendored::sdk::workflow(crate = vendored::sdk)]
async fn greet(ctx: &WorkflowContext) -> WorkflowResult<()> {
    let _ = ctx;
    Ok(())
}

/// The path comes from a macro, the name from where it is used.
macro_rules! greets {
    ($name:ident) => {
        #[vendored::sdk::workflow(crate = $crate::renamed_crate::vendored::sdk)]
        async fn $name(ctx: &WorkflowContext) -> WorkflowResult<()> {
            let _ = ctx;
            Ok(())
        }
    };
}

greets!(hello);

#[test]
fn is_usable() {
    let _ = (charge(1), Inventory::reserve(&Inventory, 1), greet, hello);
}
