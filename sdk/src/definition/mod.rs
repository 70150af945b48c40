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

mod activity;
mod activity_set;
mod query;
mod signal;
mod update;
mod workflow;

pub use activity::{ActivityDefinition, ActivityExecution, ActivityImplementation, ActivityMethod};
pub use activity_set::ActivitySet;
pub use query::{QueryDefinition, QueryHandler};
pub use signal::{SignalDefinition, SignalExecution, SignalHandler};
pub use update::{UpdateDefinition, UpdateExecution, UpdateHandler, UpdateValidator};
pub use workflow::{WorkflowDefinition, WorkflowImplementation};
