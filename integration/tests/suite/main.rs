//! The behaviour of Durably against a real Temporal server, one module for each topic.
//!
//! ```text
//! temporal server start-dev --headless
//! TEMPORAL_ADDRESS=localhost:7233 cargo test -p durably-integration -- --test-threads 8
//! ```
//!
//! Without `TEMPORAL_ADDRESS` each test that needs a server says that it is skipped. The tests mostly
//! wait: run more of them at a time than there are cores.

mod activities;
mod activity_cancellation;
mod activity_failures;
mod activity_interceptors;
mod activity_operations;
mod activity_timeouts;
mod async_completion;
mod cancellation;
mod child_cancellation;
mod children;
mod client_interceptors;
mod compensations;
mod concurrency;
mod configuration;
mod continue_as_new;
mod cron;
mod deadlock;

mod deployment_administration;
mod deployments;
mod dynamic_handlers;
mod dynamic_workflow;
mod eager;
mod event_groups;
mod external;
mod failure_policies;
mod failures;
mod handles;
mod headers;
mod heartbeats;
mod id_policies;
mod info;
mod injection;
mod limits;
mod local_activities;
mod local_activity_tasks;
mod metadata;
mod nexus;
mod nondeterminism;
mod payload_codec;
mod queries;
mod query_failures;
mod resets;
mod retries;
mod runtimes;
mod sessions;
mod shutdown;
mod side_effects;
mod signal_channels;
mod signals;
mod start_options;
mod synchronization;
mod takeover;
mod task_failures;
mod timeouts;
mod timers;
mod untyped;
mod updates_client;
mod versioning;
mod workflow_interceptors;
