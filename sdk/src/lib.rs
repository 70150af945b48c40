//! A worker and client SDK for Temporal-compatible servers: durable workflows and activities as
//! annotated Rust functions.
//!
//! ```no_run
//! use std::time::Duration;
//! use durably::prelude::*;
//!
//! #[activity(start_to_close_timeout = "10s")]
//! async fn compose_greeting(name: String) -> ActivityResult<String> {
//!     Ok(format!("Hello, {name}!"))
//! }
//!
//! #[workflow]
//! async fn greet(ctx: &WorkflowContext, name: String) -> WorkflowResult<String> {
//!     let greeting = ctx.activity(compose_greeting, &name).await?;
//!     ctx.sleep(Duration::from_secs(1)).await?;
//!     Ok(greeting)
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let client = Client::connect(ConnectOptions::from_env()?).await?;
//!     let worker = Worker::builder(&client, "greetings")
//!         .workflow(greet)
//!         .activity(compose_greeting)
//!         .build()?;
//!     let worker = tokio::spawn(worker.run());
//!     let greeting = client.execute(greet, "world").task_queue("greetings").await?;
//!     println!("{greeting}");
//!     worker.abort();
//!     Ok(())
//! }
//! ```
//!
//! | module | for |
//! |---|---|
//! | [`workflow`](mod@workflow) | writing workflows: activities, timers, conditions, state, cancellation |
//! | [`activity`](mod@activity) | writing activities: heartbeats, cancellation, what the attempt is |
//! | [`client`] | starting workflows, sending signals, asking queries, waiting for results |
//! | [`worker`] | running workflows and activities |
//! | [`interceptor`] | code around what clients, workflows and activities do |
//! | [`replay`] | checking that recorded histories can be carried on by today's code |
//! | [`options`] | options that clients and workflows share |
//! | [`payload`], [`failure`] | how values and failures travel |
//! | [`definition`] | the traits behind the macros |

pub mod activity;
pub mod client;
pub mod definition;
pub mod failure;
pub mod interceptor;
pub mod options;
pub mod payload;
pub mod prelude;
pub mod replay;
pub mod worker;
pub mod workflow;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;

#[cfg(doctest)]
mod macro_examples;
mod proto_time;
mod session;

pub use durably_macros::{activities, activity, allow_nondeterminism, workflow};
