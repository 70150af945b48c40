//! The workflow engine of Durably: history in, commands out.
//!
//! ```text
//!   worker, replayer, tests                         user code (futures)
//!        |  WorkflowTask, events                          ^   |
//!        v                                    slots filled |   | Context calls
//!   +----------+   chunks   +-----------------+  wakes    +-----------+
//!   | history/ | ---------> | run/ + machines/| --------> | executor  |
//!   +----------+            +-----------------+           +-----------+
//!                                  |  queued commands
//!                                  v
//!                matched against command events (history)
//!                or handed out as a completion (live)
//! ```
//!
//! A [`Run`] owns everything of one workflow run: its futures, its state machines, its
//! queued commands. It is given the events of a workflow task, steps the workflow's code
//! until nothing more can happen, and gives back a [`Completion`]. It never waits, never
//! reads a clock, never does I/O and never starts a thread; time comes from the
//! `WorkflowTaskStarted` events, randomness from the run's id.
//!
//! Invariants:
//! * Replay and live execution are one path. A command is queued when the code issues it;
//!   the next `WorkflowTaskCompleted` in history is followed by the events that the
//!   queue must match. Live execution only hands the queue out in addition.
//! * A workflow future is polled by [`Run`] alone, in an order that depends on history only.
//! * After a step nothing is left to do: every ready task was polled until none was ready.
//!
//! Users reach this crate through `durably`; its API follows the needs of the worker, the
//! replayer and the tests.

mod command;
mod completion;
mod context;
mod error;
mod executor;
mod history;
mod info;
mod input;
mod machines;
mod more;
mod nondeterminism;
mod panic_place;
mod random;
mod run;
mod sdk;
mod shared;
mod step;
mod trace;
mod workflow;

pub use command::{CommandIdentity, MarkerIdentity};
pub use completion::{Completion, QueryResult, WorkflowTaskCompletion, WorkflowTaskFailure};
pub use context::{
    ActivityOperation, CancelScope, Canceled, CanceledFuture, ChildOperation, CommandMark,
    Condition, Context, ExternalOperation, JoinHandle, LocalActivityOperation,
    NexusOperationFuture, ScopeFuture, TimerOperation, Wait, WaitedFor,
};
pub use error::{HistoryError, RunError};
pub use history::{ChunkingRule, describe as describe_event, is_command_event};
pub use info::RunInfo;
pub use input::{Query, WorkflowTask};
pub use machines::{
    ActivityCancellationType, ActivityResolution, ChildCancellationType, ChildResolution,
    ChildStart, ExternalResolution, LocalActivityEnd, LocalActivityOptions, LocalActivityOutcome,
    LocalActivityRequest, LocalActivityResolution, LocalActivityTask, MutableSideEffect,
    NexusCancellationType, NexusResolution, NexusStart, SideEffect,
};
pub use nondeterminism::{Divergence, Nondeterminism};
pub use panic_place::note_panic;
pub use random::WorkflowRandom;
pub use run::Run;
pub use sdk::{SDK_NAME, SDK_VERSION};
pub use step::{ReadOnly, note_change, refuse_write};
pub use trace::{TracedCommand, TracedTask};
pub use workflow::{
    ContinueAsNew, HandlerIdentity, Instance, Outcome, SignalDelivery, SignalInput,
    StartedWorkflow, TaskEnd, TaskFuture, UpdateDelivery, UpdateEnd, UpdateFuture, UpdateIdentity,
    UpdateInput, Workflow,
};
