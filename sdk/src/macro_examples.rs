//! The examples in the documentation of the macros, whose own crate cannot depend on this one.

#[doc = include_str!("../../sdk-macros/docs/activity.md")]
struct Activity;

#[doc = include_str!("../../sdk-macros/docs/activities.md")]
struct Activities;

#[doc = include_str!("../../sdk-macros/docs/workflow.md")]
struct Workflow;

#[doc = include_str!("../../sdk-macros/docs/allow_nondeterminism.md")]
struct AllowNondeterminism;
