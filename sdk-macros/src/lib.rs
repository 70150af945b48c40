//! The macros of Durably: [`macro@activity`], [`macro@activities`], [`macro@workflow`] and
//! [`allow_nondeterminism!`]. They are re-exported by the crate `durably`, which is what programs
//! depend on.
//!
//! ```text
//! attribute, item ──> options, item, signature ──> definition, activity, workflow ──> tokens
//!                     (parsed and checked;           (quoted; no decisions)
//!                      every mistake is noted)
//! ```
//!
//! * Functions here take and return `proc_macro2` tokens, and can be tested as such; only this file
//!   speaks `proc_macro`.
//! * A body is never parsed. It is passed on as it is, half typed or not.
//! * A mistake does not hide the item: it expands to what can be made of it, with stand-ins for the
//!   rest, and to one `compile_error!` for each mistake.
//! * An expansion names nothing but what the user wrote and `::durably::__private`.

use proc_macro::TokenStream;

mod activity;
mod definition;
mod determinism;
mod errors;
mod exempt;
mod item;
mod markers;
mod options;
mod private;
mod signature;
#[cfg(test)]
mod snapshots;
mod workflow;

/// Makes a function an activity.
///
/// ```
/// use durably::prelude::*;
/// # #[derive(serde::Serialize, serde::Deserialize)] pub struct Order { total: u64 }
/// # #[derive(serde::Serialize, serde::Deserialize)] pub struct Payment { charged: u64 }
///
/// /// Charges the card on file.
/// #[activity(start_to_close_timeout = "30s", retry(maximum_attempts = 5, non_retryable_error_types = ["Declined"]))]
/// pub async fn charge(order: Order) -> ActivityResult<Payment> {
///     Ok(Payment { charged: order.total })
/// }
///
/// #[workflow]
/// async fn buy(ctx: &WorkflowContext, order: Order) -> WorkflowResult<Payment> {
///     Ok(ctx.activity(charge, &order).await?)       // the definition: schedules the activity
/// }
///
/// # async fn plain() {
/// let payment = charge(Order { total: 7 }).await;   // a plain call of the function, as in a unit test
/// # }
/// ```
///
/// # What it leaves
/// Under the function's name stands a *definition value*: a unit struct that implements
/// `ActivityDefinition` and `ActivityImplementation`. Workflows, workers, clients and tests refer to
/// the activity by it. It dereferences to a function pointer, so that a plain call still works.
///
/// As for every unit struct, a `let` binding or a parameter cannot have its name where the value is in
/// scope.
///
/// # The function
/// * `async fn` is polled on the worker's activity runtime; its future must be `Send`. A plain `fn`
///   runs on the blocking pool.
/// * The first parameter may be `&ActivityContext`.
/// * Zero to eight further parameters, each one payload, owned, and readable by serde.
/// * It returns a `Result`: `ActivityResult<T>`, or any other type whose name ends in `Result`. Every
///   error that is a `std::error::Error` converts, and so does `anyhow::Error`; `ApplicationFailure`
///   controls type, details and retries.
/// * It is not generic: an activity's name stands for one set of types on the wire.
/// * The types of parameters and result are at least as visible as the function.
///
/// # Options
/// Defaults for every call; a call can override each of them.
///
/// | option | |
/// |---|---|
/// | `name = "Charge"` | the activity type on the wire; the function's name unless given |
/// | `start_to_close_timeout = "30s"` | how long one attempt may take |
/// | `schedule_to_close_timeout = "1h"` | how long all attempts together may take |
/// | `schedule_to_start_timeout = "5m"` | how long a task may wait for a worker |
/// | `heartbeat_timeout = "10s"` | how long an attempt may be silent |
/// | `retry(..)` | `initial_interval`, `backoff_coefficient`, `maximum_interval`, `maximum_attempts`, `non_retryable_error_types = [".."]` |
/// | `task_queue = "gpu"` | where it runs; the workflow's own task queue unless given |
/// | `summary = ".."` | what the web interface shows for a call |
/// | `cancellation_type = ..` | `try_cancel`, `wait_cancellation_completed` or `abandon` |
/// | `crate = path` | where the crate `durably` is found, if not under its name |
///
/// Durations are whole numbers with a unit: `"500ms"`, `"30s"`, `"1m30s"`, `"2h"`, `"1d"`. An activity
/// with neither a start-to-close nor a schedule-to-close timeout has to get one from each call, or the
/// call does not compile.
///
/// Methods become activities by [`macro@activities`] on their impl block.
#[proc_macro_attribute]
pub fn activity(attribute: TokenStream, item: TokenStream) -> TokenStream {
    activity::activity(attribute.into(), item.into()).into()
}

/// Makes methods activities, which share the value they are methods of.
///
/// ```
/// use durably::prelude::*;
/// # struct Pool;
///
/// pub struct Inventory {
///     db: Pool,
/// }
///
/// #[activities]
/// impl Inventory {
///     /// Reserves the goods.
///     #[activity(start_to_close_timeout = "10s")]
///     pub async fn reserve(&self, ctx: &ActivityContext, item: String, count: u32) -> ActivityResult<u64> {
///         ctx.heartbeat(&count)?;
///         self.checksum(item)                        // inside the impl, a method as any other
///     }
///
///     #[activity]
///     pub fn checksum(&self, item: String) -> ActivityResult<u64> {
///         Ok(item.len() as u64 + self.offset())
///     }
///
///     fn offset(&self) -> u64 {                      // no activity
///         1
///     }
/// }
///
/// #[workflow]
/// async fn order(ctx: &WorkflowContext, item: String) -> WorkflowResult<u64> {
///     Ok(ctx.activity(Inventory::reserve, (&item, 2)).await?)
/// }
///
/// # fn plain(inventory: &Inventory) {
/// let checksum = Inventory::checksum(inventory, "nut".to_owned());
/// # }
/// ```
///
/// A worker takes the value with all its activities: `.activities(Inventory { db })`.
///
/// # What it leaves
/// Each marked method becomes an associated constant of its name, with the method's visibility: a
/// definition value, as [`macro@activity`] describes, that implements `ActivityMethod`. The bodies move
/// into a trait that only this impl block sees, where `self.reserve(..)` goes on working. The type
/// itself implements `ActivitySet`; therefore it has one such block. Methods without a mark stay what
/// they are.
///
/// # The methods
/// As [`macro@activity`] describes, after a receiver: `&self`, `self: Arc<Self>`, or none. Attempts on
/// several threads share the value, which therefore is `Send + Sync`; what changes in it belongs into
/// a `Mutex` or an atomic.
///
/// # Options
/// `crate = path`: where the crate `durably` is found, if not under its name.
#[proc_macro_attribute]
pub fn activities(attribute: TokenStream, item: TokenStream) -> TokenStream {
    activity::activities(attribute.into(), item.into()).into()
}

/// Makes a function, or a type with its handlers, a workflow.
///
/// # A function
/// ```
/// use durably::prelude::*;
/// use std::time::Duration;
///
/// #[workflow]
/// pub async fn remind(ctx: &WorkflowContext, days: u64) -> WorkflowResult<String> {
///     ctx.sleep(Duration::from_secs(days * 86_400)).await?;
///     Ok(format!("it is {:?}", ctx.now()))
/// }
/// ```
/// The function is `async` and takes `&WorkflowContext` first. Under its name stands a definition
/// value, as [`macro@activity`] describes: `client.start(remind, 3)`. Inside
/// the body the name is the definition too.
///
/// # A type
/// ```
/// use durably::prelude::*;
/// # #[derive(serde::Serialize, serde::Deserialize, Clone)] pub struct Order { address: String }
///
/// pub struct Delivery {
///     address: State<String>,
///     canceled: State<bool>,
/// }
///
/// #[workflow(name = "DeliveryWorkflow")]
/// impl Delivery {
///     #[init]
///     fn new(order: &Order) -> Self {
///         Self { address: State::new(order.address.clone()), canceled: State::new(false) }
///     }
///
///     #[run]
///     pub async fn run(&self, ctx: &WorkflowContext, order: Order) -> WorkflowResult<String> {
///         ctx.wait_until(|| self.canceled.get()).await?;
///         Ok(self.address.get())
///     }
///
///     /// Stops the delivery.
///     #[signal]
///     pub fn cancel(&self, reason: String) {
///         self.canceled.set(true);
///     }
///
///     #[query]
///     pub fn address(&self) -> String {
///         self.address.get()
///     }
///
///     /// Gives the address it had before.
///     #[update]
///     pub async fn change_address(&self, to: String) -> Result<String, ApplicationFailure> {
///         Ok(self.address.replace(to))
///     }
///
///     #[validator(change_address)]
///     fn check_address(&self, to: &str) -> Result<(), ApplicationFailure> {
///         if to.is_empty() { Err(ApplicationFailure::new("where to?")) } else { Ok(()) }
///     }
/// }
/// ```
///
/// | mark | the method | |
/// |---|---|---|
/// | `#[run]` | `async fn (&self, &WorkflowContext, ..) -> Result` | the body; exactly one |
/// | `#[init]` | `fn ([&WorkflowContext], &.., &..) -> Self` or a `Result` of it | makes the state from the parameters of `#[run]`, which it borrows; `Default` does without one |
/// | `#[signal]` | `[async] fn (&self, [&WorkflowContext], ..)`, nothing or a `Result<(), _>` returned | |
/// | `#[query]` | `fn (&self, [&WorkflowContext], ..) -> T` or a `Result<T, _>` | must not change anything |
/// | `#[update]` | `[async] fn (&self, [&WorkflowContext], ..) -> T` or a `Result<T, _>` | |
/// | `#[validator(update)]` | `fn (&self, [&WorkflowContext], &..) -> Result<(), _>` | refuses updates before they are recorded |
///
/// * Every method takes `&self`, or `self: Rc<Self>` to move the value into a spawned task. `run` and
///   the handlers interleave on one thread, so what changes is kept in `State<T>`, `Cell` or `RefCell`.
/// * Parameters are owned, up to eight, each one payload; `#[init]` and `#[validator]` borrow them.
/// * A return type whose name ends in `Result` is one; any other is a value.
/// * Each of `#[run]`, `#[signal]`, `#[query]` and `#[update]` becomes an associated constant, a
///   definition value with the method's visibility: `client.start(Delivery::run, order)`,
///   `handle.signal(Delivery::cancel, "late")`. Inside the impl, `self.cancel(..)` calls the method.
/// * Methods without a mark stay what they are.
///
/// # Options
/// | where | option | |
/// |---|---|---|
/// | `#[workflow]` or `#[run]` | `name = ".."` | the workflow type on the wire; the name of the function or of the type unless given |
/// | `#[workflow]` | `crate = path` | where the crate `durably` is found, if not under its name |
/// | `#[signal]`, `#[query]`, `#[update]` | `name = ".."` | the name on the wire; the method's unless given |
/// | | `description = ".."` | what people read about it; the first paragraph of its documentation unless given |
/// | `#[signal]`, `#[update]` | `unfinished_policy = ".."` | `"abandon"`: the end of the run may cut the async handler off without a warning; `"warn_and_abandon"` unless given |
/// | `#[signal]`, `#[query]`, `#[update]` | `dynamic` | the handler of every name that no other handler has |
///
/// A dynamic handler takes `name: String, arguments: Vec<Payload>` after the context, and its validator
/// `name: &str, arguments: &[Payload]`. It stays a plain method.
///
/// # Determinism
/// A workflow's code runs again from the beginning on every replay, and must do then what it did the
/// first time. What can be seen not to is refused: clocks, timers and tasks that are not the
/// workflow's, random numbers, files, the network, the environment. The message names what to write
/// instead.
///
/// ```compile_fail
/// # use durably::prelude::*;
/// #[workflow]
/// async fn wait(ctx: &WorkflowContext) -> WorkflowResult<()> {
///     tokio::time::sleep(std::time::Duration::from_secs(60)).await;   // not recorded: use `ctx.sleep(..)`
///     Ok(())
/// }
/// ```
///
/// * The check reads the bodies of marked methods and of workflow functions, not what they call;
///   `cargo durably lint` follows the calls.
/// * What `ctx.side_effect(..)` and `ctx.mutable_side_effect(..)` are given is not read: its value is
///   recorded.
/// * It goes by names: a module of your own that is called `fs` or `time` is told apart by its path,
///   `self::fs::read(..)` or `crate::fs::read(..)`.
/// * It cannot see values: iterate over a `BTreeMap`, as the order of a `HashMap` is another each time.
/// * [`allow_nondeterminism!`] exempts an expression.
#[proc_macro_attribute]
pub fn workflow(attribute: TokenStream, item: TokenStream) -> TokenStream {
    workflow::workflow(attribute.into(), item.into()).into()
}

/// Exempts an expression in a [`macro@workflow`] from the check for determinism.
///
/// The value is that of the expression. It must not decide what the workflow does: not which
/// activities and timers there are, nor their order, nor what they are given. What is left are
/// measurements and logs.
///
/// ```
/// use durably::prelude::*;
///
/// #[workflow]
/// async fn thumbnail(ctx: &WorkflowContext, image: Vec<u8>) -> WorkflowResult<usize> {
///     let started = durably::allow_nondeterminism!(std::time::Instant::now());
///     let size = image.len() / 2;
///     println!("{} took {:?}", ctx.info().workflow_id(), started.elapsed());
///     Ok(size)
/// }
/// ```
#[proc_macro]
pub fn allow_nondeterminism(expression: TokenStream) -> TokenStream {
    exempt::allow_nondeterminism(expression.into()).into()
}
