//! The activities that the workflows call.

use durably::prelude::*;

/// An activity that takes an order's id and does nothing.
macro_rules! activities {
    ($($name:ident)*) => {
        $(
            #[activity(start_to_close_timeout = "10s")]
            pub(crate) async fn $name(_order: String) -> ActivityResult<()> {
                Ok(())
            }
        )*

        /// A worker that knows all of them.
        pub(crate) fn with_activities(
            worker: durably_test::env::TestWorkerBuilder,
        ) -> durably_test::env::TestWorkerBuilder {
            worker.activity(quote).activity(receipt)$(.activity($name))*
        }
    };
}

activities!(reserve charge charge_card ship mail pick wrap weigh label load);

#[activity(start_to_close_timeout = "10s")]
pub(crate) async fn quote(_order: String) -> ActivityResult<u64> {
    Ok(7)
}

#[activity(start_to_close_timeout = "10s")]
pub(crate) async fn receipt(order: String) -> ActivityResult<String> {
    Ok(format!("receipt of {order}"))
}

#[workflow(name = "parcel")]
pub(crate) async fn parcel(_ctx: &WorkflowContext, _name: String) -> WorkflowResult<()> {
    Ok(())
}

#[workflow(name = "letter")]
pub(crate) async fn letter(_ctx: &WorkflowContext, _name: String) -> WorkflowResult<()> {
    Ok(())
}
