//! The embedded server.

#[allow(dead_code, unused_imports)]
mod cron;
#[allow(dead_code, unused_imports)]
mod schedule_policy;
#[allow(dead_code, unused_imports)]
mod schedule_spec;
#[allow(dead_code, unused_imports)]
mod search_attributes;
#[allow(dead_code, unused_imports)]
mod text;
#[allow(dead_code, unused_imports)]
mod visibility;
