//! What an activity, a workflow or a message handler *is*, as seen by callers and by the worker.
//!
//! A definition is a zero-sized value that stands for one registered thing: `charge`, `Inventory::reserve`,
//! `OrderSaga::run`, `OrderSaga::cancel`. It carries the name on the wire and the types of the parameters and of
//! the result, so that every call through it is checked by the compiler.
//!
//! | trait | stands for | value |
//! |---|---|---|
//! | [`ActivityDefinition`] | an activity that can be called | `charge` |
//! | [`ActivityImplementation`] | ... and is a free function | `charge` |
//! | [`ActivityMethod`] | ... and is a method of shared state | `Inventory::reserve` |
//! | [`ActivitySet`] | a type whose `#[activities]` impl registers as a whole | `Inventory` |
//! | [`WorkflowDefinition`] | a workflow that can be started | `greet`, `OrderSaga::run` |
//! | [`WorkflowImplementation`] | ... and can be run by this worker | `greet`, `OrderSaga::run` |
//! | [`SignalDefinition`], [`QueryDefinition`], [`UpdateDefinition`] | a message to a workflow | `OrderSaga::cancel` |
//!
//! The macros [`activity`](macro@crate::activity), [`activities`](macro@crate::activities) and
//! [`workflow`](macro@crate::workflow) implement these traits. Nothing in them is reserved for the macros: a
//! definition of something that runs elsewhere (in another language, in another crate) can be written by hand.
//!
//! ```
//! use durably::definition::WorkflowDefinition;
//!
//! /// The billing team's workflow, which runs on their own workers.
//! #[derive(Clone, Copy)]
//! pub struct Invoice;
//!
//! impl WorkflowDefinition for Invoice {
//!     type Owner = Invoice;
//!     type Parameters = (String, u64);
//!     type Output = String;
//!     const NAME: &'static str = "InvoiceWorkflow";
//! }
//! ```
//!
//! What `#[activity(start_to_close_timeout = "30s")] async fn charge(order: u64) -> ActivityResult<String>`
//! writes comes down to this, and may be written so:
//!
//! ```
//! use std::time::Duration;
//!
//! use durably::activity::{ActivityContext, ActivityOptions, HasTimeout};
//! use durably::definition::{ActivityDefinition, ActivityExecution, ActivityImplementation};
//! use durably::failure::ActivityResult;
//!
//! async fn charge_order(order: u64) -> ActivityResult<String> {
//!     Ok(format!("receipt for {order}"))
//! }
//!
//! #[allow(non_camel_case_types)]
//! #[derive(Clone, Copy)]
//! struct charge;
//!
//! impl ActivityDefinition for charge {
//!     type Parameters = (u64,);
//!     type Output = String;
//!     type Timeout = HasTimeout;
//!     const NAME: &'static str = "charge";
//!
//!     fn defaults() -> ActivityOptions {
//!         ActivityOptions::new().start_to_close_timeout(Duration::from_secs(30))
//!     }
//! }
//!
//! impl ActivityImplementation for charge {
//!     fn execute(_: ActivityContext, (order,): (u64,)) -> ActivityExecution<String> {
//!         ActivityExecution::Async(Box::pin(charge_order(order)))
//!     }
//! }
//! ```

mod activity;
mod activity_set;
mod dynamic;
mod query;
mod signal;
mod update;
mod workflow;

pub use activity::{ActivityDefinition, ActivityExecution, ActivityImplementation, ActivityMethod};
pub use activity_set::ActivitySet;
pub use dynamic::{
    DynamicQueryHandler, DynamicSignalHandler, DynamicUpdateHandler, DynamicUpdateValidator,
};
pub use query::{QueryDefinition, QueryHandler};
pub use signal::{SignalDefinition, SignalExecution, SignalHandler};
pub use update::{UpdateDefinition, UpdateExecution, UpdateHandler, UpdateValidator};
pub use workflow::{WorkflowDefinition, WorkflowImplementation, WorkflowInit};
