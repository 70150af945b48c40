//! What the examples share: finding the server, or bringing one along.
//!
//! The examples themselves lie beside this folder, one file each:
//!
//! | example | shows |
//! |---|---|
//! | `hello` | a workflow, an activity, a worker and a client |
//! | `order_saga` | compensation, signals, queries, retries, waiting for weeks |
//! | `heartbeat` | a long activity that goes on where its last attempt was cut |
//! | `cron` | a workflow that runs on a schedule and knows its last result |
//! | `signals_and_queries` | telling and asking: handlers, a channel of signals |
//! | `updates` | requests with an answer, which the workflow may refuse |
//! | `children` | workflows that run others |
//! | `local_activities` | short activities in the workflow's own worker |
//! | `cancellation` | clean-up, timeouts, and what loses a `select!` |
//! | `versioning` | new code for runs that are under way |
//! | `search_attributes` | what a workflow says of itself, and is found by |
//! | `batch` | a window that slides over 100,000 items |

mod server;

pub use server::{Connection, connect, connect_or_embed, connect_to_shared, report, unique};

/// The pages for readers, whose code is compiled with the tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    struct Readme;
    #[doc = include_str!("../../docs/getting-started.md")]
    struct GettingStarted;
    #[doc = include_str!("../../docs/workflows.md")]
    struct Workflows;
    #[doc = include_str!("../../docs/updates.md")]
    struct Updates;
    #[doc = include_str!("../../docs/concurrency.md")]
    struct Concurrency;
    #[doc = include_str!("../../docs/activities.md")]
    struct Activities;
    #[doc = include_str!("../../docs/local-activities.md")]
    struct LocalActivities;
    #[doc = include_str!("../../docs/children.md")]
    struct Children;
    #[doc = include_str!("../../docs/versioning.md")]
    struct Versioning;
    #[doc = include_str!("../../docs/determinism.md")]
    struct Determinism;
    #[doc = include_str!("../../docs/client.md")]
    struct Client;
    #[doc = include_str!("../../docs/testing.md")]
    struct Testing;
    #[doc = include_str!("../../docs/replay.md")]
    struct Replay;
    #[doc = include_str!("../../docs/worker.md")]
    struct Worker;
    #[doc = include_str!("../../docs/errors.md")]
    struct Errors;
    #[doc = include_str!("../../docs/headers.md")]
    struct Headers;
    #[doc = include_str!("../../docs/codecs.md")]
    struct Codecs;
    #[doc = include_str!("../../docs/interceptors.md")]
    struct Interceptors;
}
