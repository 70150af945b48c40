//! What the expansions of the macros name, and nothing else does. Not part of the public API.
//!
//! Everything an expansion needs comes through this module, the standard library's names too: an
//! expansion then means the same where a user's module has a `Result`, an `Option` or a `Box` of
//! its own.

mod checks;
mod futures;
mod handlers;
mod refused;
mod returns;

pub use std::boxed::Box;
pub use std::clone::Clone;
pub use std::convert::Into;
pub use std::default::Default;
pub use std::fmt::{Debug, Formatter, Result as FmtResult};
pub use std::future::{Future, IntoFuture, poll_fn};
pub use std::marker::{Copy, PhantomData};
pub use std::ops::Deref;
pub use std::option::Option::{self, None, Some};
pub use std::panic::Location;
pub use std::pin::pin;
pub use std::rc::Rc;
pub use std::result::Result::{Err, Ok};
pub use std::sync::Arc;
pub use std::task::Poll;
pub use std::time::Duration;
pub use std::unreachable;

pub use crate::activity::{
    ActivityCancellationType, ActivityContext, ActivityOptions, ActivityRegistry, HasTimeout,
    MissingTimeout,
};
pub use crate::definition::{
    ActivityDefinition, ActivityExecution, ActivityImplementation, ActivityMethod, ActivitySet,
    DynamicQueryHandler, DynamicSignalHandler, DynamicUpdateHandler, QueryDefinition, QueryHandler,
    SignalDefinition, SignalExecution, SignalHandler, UpdateDefinition, UpdateExecution,
    UpdateHandler, WorkflowDefinition, WorkflowImplementation, WorkflowInit,
};
pub use crate::failure::{ActivityResult, RetryPolicy, WorkflowResult};
pub use crate::workflow::WorkflowContext;
pub use crate::workflow::concurrency::{no_branch_left, poll_branch, take_output};

pub use checks::{DefaultState, SharedReceiver, check_parameter, check_result};
pub use futures::{BoxFuture, LocalBoxFuture, activity_future};
pub use handlers::{parameter, query_answer, update_outcome};
pub use refused::{Invalid, InvalidParameters, refused};
pub use returns::{NamedResult, activity_result, workflow_result};
