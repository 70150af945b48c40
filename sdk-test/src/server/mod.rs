//! The embedded server.

#[allow(dead_code)]
mod cron;
#[allow(dead_code)]
mod schedule_spec;
#[allow(dead_code)]
mod search_attributes;
#[allow(dead_code)]
mod text;
